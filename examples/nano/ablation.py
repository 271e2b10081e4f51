"""What each of FUSION's parts does at the size of nano: python ablation.py build/ablation

Writes its data into build/nano/data (pictures of one sort of thing, and of two), trains every variant with every seed
from random weights on the same records for the same number of steps, as many at a time as there are cores, grades each
on pictures of that sort, measures how picture and text mix, and writes a table and a plot. It needs the program and the
tokenizer of `make nano`. What is done is passed over, and a training that was interrupted goes on: the same command
again.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUSION = ROOT / "build/release/fusion"
RECIPE = ROOT / "examples/nano"
NANO = ROOT / "build/nano"

# Name: question tokens in the tower, latent tokens with interaction layers, weight of the mapping losses.
VARIANTS = {
    "plain projector": (False, False, 0.0),
    "+ text-guided encoding": (True, False, 0.0),
    "+ latent tokens": (False, True, 0.0),
    "+ mapping losses": (False, False, 0.1),
    "full model": (True, True, 0.1),
}

KINDS = {"First": "five questions", "Noun": "which has a color"}  # of examples/nano/data/ablation.yaml


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def write_start(folder, variant, seed, log):
    """First weights of a variant: those of nano, without what the variant has not."""
    guided, latents, _ = VARIANTS[variant]
    configs = folder / "configs"
    configs.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "vision_config.json", "generation_config.json"):
        config = json.loads((RECIPE / "model" / name).read_text())
        if name == "config.json":
            # Four layers of the decoder, as nano had when docs/nano.md's table was made.
            config |= {"text_guided_encoding": guided, "num_hidden_layers": 4}
            if not latents:
                config |= {"query_len": "0", "num_of_vision_sampler_layers": 0}
        (configs / name).write_text(json.dumps(config, indent=2) + "\n")
    run(FUSION, "init", configs, folder / "start", "--tokenizer", NANO / "tokenizer", "--seed", seed, "--dtype",
        "float32", "--pictures", RECIPE / "mixtures/ablation.yaml", "--force", stdout=log, stderr=log)


def train_config(folder, variant, seed, steps):
    return "\n".join([
        f"model: {folder}/start",
        f"output: {folder}/run",
        f"seed: {seed}",
        f"data: {{mixture: {RECIPE}/mixtures/ablation.yaml, workers: 1}}",
        f"steps: {steps}",
        "batch_size: 16",
        "micro_batch_size: 16",
        "export_dtype: float32",
        f"mapping_loss_weight: {VARIANTS[variant][2]}",
        "optimizer: {learning_rate: 1.0e-3, weight_decay: 0.01, beta2: 0.98}",
        "groups: [{match: model.vision_tower.*.patch_embedding.*, frozen: true}]",
        "schedule: {kind: cosine, warmup_ratio: 0.05}",
        "checkpoints: {every: 500, keep: 1}",
    ]) + "\n"


def measure(folder, variant, seed, steps):
    """Trains and grades one variant with one seed; what it gave is kept in result.json."""
    result = folder / "result.json"
    config = folder / "train.yaml"
    wanted = train_config(folder, variant, seed, steps)
    if config.exists() and config.read_text() != wanted:
        raise SystemExit(f"{folder} has a run of other settings: remove it, or name another folder")
    if result.exists():
        return json.loads(result.read_text())
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("a") as log:
        if not config.exists():
            write_start(folder, variant, seed, log)
            config.write_text(wanted)
        if not (folder / "run/model/config.json").exists():
            run(FUSION, "train", config, env=one_thread, stdout=log, stderr=log)
        grade = run(FUSION, "eval", folder / "run/model", RECIPE / "data/ablation.yaml", "--json", "--no-blank",
                    "--threads", 1, "--work", folder / "test", stdout=subprocess.PIPE, stderr=log).stdout
        mixing = run(FUSION, "mir", folder / "run/model", NANO / "data/things/validation.yaml", "--json", "--threads", 1,
                     stdout=subprocess.PIPE, stderr=log).stdout
    steps_done = [json.loads(line) for line in (folder / "run/metrics.jsonl").read_text().splitlines()]
    losses = [line["loss_ce"] for line in steps_done if line["kind"] == "step"]
    measured = {
        "variant": variant,
        "seed": seed,
        "steps": len(losses),
        "loss": statistics.fmean(losses[-len(losses) // 10:]),
        "grade": json.loads(grade),
        "mixing": json.loads(mixing),
    }
    result.write_text(json.dumps(measured, indent=1) + "\n")
    return measured


def spread(values, digits=1, scale=100.0):
    """Mean over the seeds, and how far the farthest is from it."""
    mean = statistics.fmean(values)
    return f"{scale * mean:.{digits}f} ± {scale * max(abs(v - mean) for v in values):.{digits}f}"


def kinds_of(results):
    return list(next(iter(results.values()))[0]["grade"]["kinds"])


def table(results):
    kinds = kinds_of(results)
    lines = ["| variant | loss | all | " + " | ".join(KINDS.get(kind, kind) for kind in kinds) + " | MIR |", "|---" * (len(kinds) + 4) + "|"]
    for variant, runs in results.items():
        cells = [spread([r["loss"] for r in runs], 3, 1), spread([r["grade"]["overall"] for r in runs])]
        cells += [spread([r["grade"]["kinds"][k]["model"]["accuracy"] for r in runs]) for k in kinds]
        cells.append(spread([r["mixing"]["rate"] for r in runs], 2, 1))
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    layers = range(len(next(iter(results.values()))[0]["mixing"]["layers"]))
    lines += ["", "| distance of picture and text after layer | " + " | ".join(str(i) for i in layers) + " |",
              "|---" * (len(layers) + 1) + "|"]
    for variant, runs in results.items():
        cells = [spread([r["mixing"]["layers"][i] for r in runs], 2, 1) for i in layers]
        lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(results):
    """Bars of the share of right answers, a dot for each seed, as SVG."""
    names = ["all", *kinds_of(results)]
    colors = ["#9a9a9a", "#4c78a8", "#f2a541", "#72a66b", "#b0413e"]
    bar, gap, height, left, top = 26, 40, 240, 46, 46
    group = bar * len(results) + gap
    width = left + group * len(names) + 12
    share = lambda r, name: r["grade"]["overall"] if name == "all" else r["grade"]["kinds"][name]["model"]["accuracy"]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top + height + 34}" '
           'font-family="sans-serif" font-size="12">', f'<rect width="{width}" height="{top + height + 34}" fill="white"/>']
    for percent in range(0, 101, 25):
        y = top + height * (1 - percent / 100)
        out.append(f'<line x1="{left}" x2="{width - 8}" y1="{y}" y2="{y}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{percent} %</text>')
    for i, (variant, color) in enumerate(zip(results, colors)):
        x, y = left + 190 * (i % 3), 8 + 18 * (i // 3)
        out.append(f'<rect x="{x}" y="{y}" width="10" height="10" fill="{color}"/><text x="{x + 15}" y="{y + 9}">{variant}</text>')
    for g, name in enumerate(names):
        x0 = left + gap / 2 + g * group
        for i, (runs, color) in enumerate(zip(results.values(), colors)):
            values = [share(r, name) for r in runs]
            tall = height * statistics.fmean(values)
            x = x0 + i * bar
            out.append(f'<rect x="{x:.1f}" y="{top + height - tall:.1f}" width="{bar - 2}" height="{tall:.1f}" fill="{color}"/>')
            out += [f'<circle cx="{x + bar / 2 - 1:.1f}" cy="{top + height * (1 - v):.1f}" r="2" fill="black"/>' for v in values]
        out.append(f'<text x="{x0 + bar * len(results) / 2:.1f}" y="{top + height + 18}" text-anchor="middle">{KINDS.get(name, name)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    work = options.work.resolve()
    if not (NANO / "tokenizer").exists():
        raise SystemExit(f"{NANO}/tokenizer is missing: `make nano` makes it, after its data")
    for data in ("things", "names"):
        run(FUSION, "synth", RECIPE / f"data/{data}.yaml", "--out", NANO / "data" / data)
    jobs = [(work / f"{i}-{seed}", variant, seed, options.steps)
            for seed in range(1, options.seeds + 1) for i, variant in enumerate(VARIANTS)]
    # The long ones first.
    jobs.sort(key=lambda job: not VARIANTS[job[1]][1])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(lambda job: measure(*job), jobs))
    results = {variant: [r for r in done if r["variant"] == variant] for variant in VARIANTS}
    (work / "table.md").write_text(table(results))
    (work / "plot.svg").write_text(plot(results))
    print((work / "table.md").read_text(), end="")


if __name__ == "__main__":
    main()
