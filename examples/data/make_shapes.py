#!/usr/bin/env python3
"""Draws coloured shapes and writes questions about them, for examples/train/smollm2-cpu.yaml.

  pip install pillow
  make_shapes.py shapes

shapes/train.jsonl has three records for each of 48 pictures, shapes/words.jsonl questions without a picture that keep the
language model's English, and shapes/unseen holds pictures that no record names. The same files every time.
"""

import argparse
import json
import random
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = {"red": "#d62020", "green": "#20a030", "blue": "#2050d0", "yellow": "#f0d020",
           "black": "#101010", "white": "#ffffff", "orange": "#f08020", "purple": "#8030a0"}
SHAPES = ("circle", "square", "triangle")
SIDE = 112
WORDS = (
    ("What is the capital of Italy?", "The capital of Italy is Rome."),
    ("What is the capital of Japan?", "The capital of Japan is Tokyo."),
    ("How many legs does a spider have?", "A spider has eight legs."),
    ("How many days are in a week?", "There are seven days in a week."),
    ("What do bees make?", "Bees make honey."),
    ("Which planet is closest to the Sun?", "Mercury is the planet closest to the Sun."),
    ("What is ice made of?", "Ice is made of frozen water."),
    ("Who wrote Hamlet?", "William Shakespeare wrote Hamlet."),
    ("What is the opposite of hot?", "The opposite of hot is cold."),
    ("Name three fruits.", "Three fruits are apples, bananas and oranges."),
    ("What is two plus three?", "Two plus three is five."),
    ("Write a short sentence about rain.", "The rain fell softly on the roof all night."),
    ("Why do birds have wings?", "Birds have wings so that they can fly."),
    ("What is a library?", "A library is a place where people read and borrow books."),
    ("How do plants get their energy?", "Plants get their energy from sunlight, by photosynthesis."),
    ("What do you call a young dog?", "A young dog is called a puppy."),
)


def record(name, question, answer, image=None):
    said = [{"from": "human", "value": f"<image>\n{question}" if image else question}, {"from": "gpt", "value": answer}]
    return {"id": name} | ({"image": image} if image else {}) | {"conversations": said}


def draw(path, colour, shape, dice):
    radius = dice.randint(22, 36)
    x, y = (dice.randint(radius + 4, SIDE - radius - 4) for _ in range(2))
    picture = Image.new("RGB", (SIDE, SIDE), (dice.randint(150, 200),) * 3)
    pen = ImageDraw.Draw(picture)
    corners = {"square": [(-1, -1), (1, -1), (1, 1), (-1, 1)], "triangle": [(0, -1), (1, 1), (-1, 1)]}
    if shape == "circle":
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=COLOURS[colour])
    else:
        pen.polygon([(x + radius * dx, y + radius * dy) for dx, dy in corners[shape]], fill=COLOURS[colour])
    picture.save(path)


def questions(colour, shape, dice):
    asked = dice.choice(SHAPES)
    found = f"Yes, there is a {colour} {shape}." if asked == shape else f"No, there is only a {colour} {shape}."
    return (("What colour is the shape?", f"The shape is {colour}."),
            ("What is in the picture?", f"There is a {colour} {shape}."),
            (f"Is there a {asked} in the picture?", found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="made if it is not there")
    folder = parser.parse_args().folder
    dice = random.Random(1)
    records = []
    for part, copies in (("seen", 2), ("unseen", 1)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for colour, shape, i in ((c, s, i) for c in COLOURS for s in SHAPES for i in range(copies)):
            name = f"{part}/{colour}-{shape}-{i}.png"
            draw(folder / name, colour, shape, dice)
            if part == "seen":
                records += [record(f"{name} {k}", *said, image=name)
                            for k, said in enumerate(questions(colour, shape, dice))]
    words = [record(f"words {i}", *said) for i, said in enumerate(WORDS)]
    for name, value in (("train.jsonl", records), ("words.jsonl", words)):
        (folder / name).write_text("".join(json.dumps(r) + "\n" for r in value), encoding="utf-8")
    (folder / "mixture.yaml").write_text("datasets:\n  - json_path: train.jsonl\n    image_folder: .\n"
                                         "  - json_path: words.jsonl\n", encoding="utf-8")


main()
