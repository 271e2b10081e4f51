"""Times Pillow's bicubic resize on the sizes of resize_bench.cpp, and that program beside it when it is named.

    pip install pillow numpy && python bench/resize_pillow.py [build/release/resize_bench]

Runs of the two take turns, so that a busy machine slows both; medians of the rounds are printed with their ratio.
"""

import json
import statistics
import subprocess
import sys
import time

import numpy as np
from PIL import Image

SIZES = [(4032, 3024, 768), (1280, 960, 384), (640, 480, 768)]
ROUNDS = 7


def time_pillow(image, side):
    """Milliseconds of one resize, the median of a third of a second's worth."""
    times, end = [], time.perf_counter() + 0.3
    while time.perf_counter() < end or len(times) < 3:
        begin = time.perf_counter()
        image.resize((side, side), Image.Resampling.BICUBIC)
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


def time_ours(program):
    """Milliseconds by (width, height, side, threads)."""
    out = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.3"], check=True,
                         capture_output=True).stdout
    parts = ((b["name"].split("/"), b["real_time"]) for b in json.loads(out)["benchmarks"])
    return {tuple(int(p.split(":")[1]) for p in name if ":" in p): ms for name, ms in parts}


def main():
    rng = np.random.default_rng(1)
    images = {s: Image.fromarray(rng.integers(0, 256, (s[1], s[0], 3), dtype=np.uint8)) for s in SIZES}
    pillow, ours = {s: [] for s in SIZES}, {}
    for _ in range(ROUNDS):
        for size in SIZES:
            pillow[size].append(time_pillow(images[size], size[2]))
        if len(sys.argv) > 1:
            for key, ms in time_ours(sys.argv[1]).items():
                ours.setdefault(key, []).append(ms)
    print(f"Pillow {Image.__version__}, medians of {ROUNDS} rounds")
    for size in SIZES:
        base = statistics.median(pillow[size])
        line = f"{size[0]}x{size[1]} -> {size[2]}x{size[2]}: Pillow {base:.2f} ms"
        for threads, said in ((1, "1 thread"), (0, "all threads")):
            times = ours.get((*size, threads))
            if times:
                mine = statistics.median(times)
                line += f"; {said} {mine:.2f} ms ({base / mine:.1f} x)"
        print(line)


if __name__ == "__main__":
    main()
