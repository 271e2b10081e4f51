"""The step of `train_step run` in plain PyTorch, on the same files.

    python bench/train_step_torch.py FOLDER --steps 20     # the same JSON
"""

import argparse
import json
import math
import mmap
import time
from pathlib import Path

import torch
from fusion_in_torch import Fusion

LEARNING_RATE, CLIP_NORM = 5e-6, 1.0
DTYPES = {"F32": torch.float32, "I64": torch.int64, "BOOL": torch.bool}


def read_safetensors(path):
    """Names and tensors, mapped."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(data, dtype=DTYPES[t["dtype"]], offset=begin + t["data_offsets"][0],
                                   count=math.prod(t["shape"])).view(t["shape"]) for name, t in header.items()}


def load_model(folder):
    config = json.loads((folder / "config.json").read_text())
    vision = json.loads((folder / "vision_config.json").read_text())
    with torch.device("meta"):
        model = Fusion(config, vision)
    model.to_empty(device="cpu")
    missing = dict(model.named_parameters())
    with torch.no_grad():
        for file in folder.glob("model*.safetensors"):
            for name, tensor in read_safetensors(file).items():
                missing.pop(name).copy_(tensor)
    if missing:
        raise SystemExit(f"{folder} lacks {', '.join(missing)}")
    return model


def peak_memory():
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=5)
    args = parser.parse_args()
    model = load_model(args.folder)
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.0, fused=True)
    batch = {name: tensor.clone() for name, tensor in read_safetensors(args.folder / "batch.safetensors").items()}
    seconds, cpu_seconds, losses = [], [], []
    for _ in range(args.steps):
        start, cpu_start = time.perf_counter(), time.process_time()
        optimizer.zero_grad(set_to_none=True)
        loss = model(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
        optimizer.step()
        losses.append(loss.item())
        seconds.append(time.perf_counter() - start)
        cpu_seconds.append(time.process_time() - cpu_start)
    print(json.dumps({"samples": batch["pixels"].size(0), "threads": torch.get_num_threads(), "seconds": seconds,
                      "cpu_seconds": cpu_seconds, "losses": losses, "peak_bytes": peak_memory()}))


if __name__ == "__main__":
    main()
