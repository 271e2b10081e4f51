"""Splits the answers of `fusion eval nano --answers FILE` by what was asked: python forms.py FILE"""

import json
import re
import sys

COLORS = "black|blue|brown|gray|green|orange|pink|purple|red|white|yellow"
SIDES = "left|right|above|below"
# The words of `region` in forms.yaml; `relation` must not have them.
PLACE = r"of the picture|in the picture|where can|point to|placed\?|^find the"

# Each form: its name, the kinds it is in, and what it looks for in question and answer. The first that fits.
FORMS = [
    ("whether a thing has a color", {"Color"}, lambda question, truth: truth in ("yes", "no")),
    ("a thing by its color", {"Color"}, lambda question, truth: not re.fullmatch(COLORS, truth)),
    ("other colors", {"Color"}, lambda question, truth: True),
    ("whether more than a number are there", {"Count"}, lambda question, truth: truth in ("yes", "no")),
    ("a number of things of a color", {"Count"}, lambda question, truth: re.search(rf"\b({COLORS})\b", question)),
    ("a number of things", {"Count"}, lambda question, truth: True),
    ("yes or no about directions", {"Spatial"}, lambda question, truth: truth in ("yes", "no")),
    ("what is outermost", {"Spatial"}, lambda question, truth: re.search("farthest|nearest", question)),
    ("where a thing is in the picture", {"Spatial"}, lambda question, truth: re.search(PLACE, question)),
    ("in which direction one thing is from another", {"Spatial"}, lambda question, truth: re.fullmatch(SIDES, truth)),
    ("what is beside a thing", {"Spatial"}, lambda question, truth: True),
    ("yes or no about settings", {"Scene"}, lambda question, truth: truth in ("yes", "no")),
    ("a setting, its weather, indoors or out", {"Scene"}, lambda question, truth: True),
    ("yes or no about words", {"Text"}, lambda question, truth: truth in ("yes", "no")),
    ("colors of signs and their letters", {"Text"}, lambda question, truth: re.fullmatch(COLORS, truth)),
    ("number of a word's letters", {"Text"}, lambda question, truth: truth.isdigit()),
    ("a letter", {"Text"}, lambda question, truth: len(truth) == 1),
    ("a word that is read", {"Text"}, lambda question, truth: True),
]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: python forms.py FILE, with what `fusion eval nano --answers FILE` wrote")
    counts = {name: [0, 0] for name, _, _ in FORMS}
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            answer = json.loads(line)
            question, truth = answer["question"].lower(), answer["truth"].lower()
            form = next(name for name, kinds, fits in FORMS if answer["kind"] in kinds and fits(question, truth))
            counts[form][0] += answer["right"]
            counts[form][1] += 1
    print("| asked | right | |\n|---|---|---|")
    for name, (right, total) in counts.items():
        if total:
            print(f"| {name} | {right} of {total} | {100 * right / total:.0f} % |")


if __name__ == "__main__":
    main()
