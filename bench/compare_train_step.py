"""Times a training step here and the same step in plain PyTorch, taking turns.

    python bench/compare_train_step.py build/bench/train_step --python .venv/bin/python [--shapes nano 3b-4-layers]

Both load the same random weights and the same micro-batch, and do the same step: forward, backward, clipping, AdamW.
The losses of all steps must agree within 1e-4, which shows that it is one step. Printed are medians over all steps but
the first of a run, their ratio, that of every pair of runs, that of the CPU time of all threads (which other programs
on the machine change less), and the larger of each side's peaks.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PLAIN = Path(__file__).with_name("train_step_torch.py")
WARM_UP = 1


def run(command, steps, environment):
    out = subprocess.run([*command, "--steps", str(WARM_UP + steps)], check=True, capture_output=True, text=True,
                         env=environment)
    return json.loads(out.stdout)


def rate(runs, clock="seconds"):
    """Samples a second, of the median step."""
    return runs[0]["samples"] / statistics.median(s for run in runs for s in run[clock][WARM_UP:])


def compare(shape, args, environment):
    with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
        subprocess.run([args.program, "make", shape, folder], check=True)
        ours, plain = [], []
        for _ in range(args.rounds):
            ours.append(run([args.program, "run", folder], args.steps, environment))
            plain.append(run([args.python, PLAIN, folder], args.steps, environment))
    apart = max(abs(a - b) for x, y in zip(ours, plain) for a, b in zip(x["losses"], y["losses"]))
    ratios = [rate([x]) / rate([y]) for x, y in zip(ours, plain)]
    peaks = [max(run["peak_bytes"] for run in runs) / 1e9 for runs in (ours, plain)]
    cpu_ratio = rate(ours, "cpu_seconds") / rate(plain, "cpu_seconds")
    print(f"| {shape} | {rate(ours):.3g} | {rate(plain):.3g} | {rate(ours) / rate(plain):.2f} | {min(ratios):.2f} to "
          f"{max(ratios):.2f} | {cpu_ratio:.2f} | {peaks[0]:.2f} GB | {peaks[1]:.2f} GB | {apart:.0e} |", flush=True)
    return apart < 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, help="train_step")
    parser.add_argument("--python", default=sys.executable, help="one that has torch")
    parser.add_argument("--shapes", nargs="+", default=["nano", "3b-4-layers"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5, help="timed steps of a run")
    parser.add_argument("--scratch", type=Path, help="folder for up to 4 GB of weights")
    args = parser.parse_args()
    args.program = args.program.resolve()
    # Threads that wait for one another spin for a moment only, as in `fusion train`: the machine may be shared.
    environment = os.environ | {"GOMP_SPINCOUNT": "10000"}
    print("| shape | samples/s here | PyTorch | ratio | of each round | of CPU time | peak here | PyTorch "
          "| losses apart by |")
    print("|---|---|---|---|---|---|---|---|---|")
    same = [compare(shape, args, environment) for shape in args.shapes]
    if not all(same):
        raise SystemExit("the losses differ: this is not the same step")


if __name__ == "__main__":
    main()
