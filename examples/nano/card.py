"""Writes the card of models/nano from what was measured: python card.py build/nano STAGE... > README.md"""

import json
import math
import pathlib
import sys


def percent(share):
    return f"{100 * share:.1f} %"


def row(name, score):
    model = score["model"]
    interval = f"{percent(model['low'])} to {percent(model['high'])}"
    blank = percent(score["blank_picture"]["accuracy"])
    guess = percent(score["guess"]["accuracy"])
    return f"| {name} | {model['total']:,} | {percent(model['accuracy'])} | {interval} | {guess} | {blank} |"


def stage_row(folder):
    """A line of the table of stages, from the log of one."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    done = [line for line in lines if line["kind"] == "step"]
    config = next(line["config"] for line in lines if line["kind"] == "start")
    samples = sum(line["samples"] for line in done)
    seconds = sum(line["seconds"] for line in done)
    rate = f"{config['optimizer']['learning_rate']:.1e}, {config['schedule']['kind']}"
    stage = folder.name[5:].replace("-", ", ")
    return (
        f"| {stage} | {samples:,} | {config['batch_size']} | {rate} | {len(done):,} "
        f"| {samples / seconds:.1f} | {seconds / 60:.0f} min |"
    )


def main():
    work = pathlib.Path(sys.argv[1])
    grade = json.loads((work / "grade.json").read_text())
    config = json.loads((work / "model/config.json").read_text())
    vision = json.loads((work / "model/vision_config.json").read_text())
    template = (pathlib.Path(__file__).parent / "card.md").read_text()
    stages = [stage_row(work / "runs" / stage) for stage in sys.argv[2:]]
    header = (work / "model/model.safetensors").read_bytes()
    tensors = json.loads(header[8 : 8 + int.from_bytes(header[:8], "little")])
    parameters = sum(math.prod(tensor["shape"]) for name, tensor in tensors.items() if name != "__metadata__")
    table = [row(name, score) for name, score in grade["kinds"].items()] + [row("all", grade["all"])]
    print(
        template.replace("{scores}", "\n".join(table))
        .replace("{stages}", "\n".join(stages))
        .replace("{parameters}", f"{parameters / 1e6:.1f}")
        .replace("{decoder_width}", str(config["hidden_size"]))
        .replace("{decoder_layers}", str(config["num_hidden_layers"]))
        .replace("{interaction_layers}", str(config["num_of_vision_sampler_layers"]))
        .replace("{latents}", config["query_len"])
        .replace("{window}", str(config["window_size"]))
        .replace("{tower_width}", str(vision["hidden_size"]))
        .replace("{tower_layers}", str(vision["num_hidden_layers"] - 1))
        .replace("{tile}", str(vision["image_size"]))
        .replace("{patch}", str(vision["patch_size"]))
        .replace("{vocabulary}", str(config["vocab_size"])),
        end="",
    )


if __name__ == "__main__":
    main()
