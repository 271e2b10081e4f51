"""Writes the seeds of fuzz_safetensors with the reference library (pip install safetensors numpy)."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

FOLDER = Path(__file__).parent / "safetensors"
FOLDER.mkdir(exist_ok=True)
save_file({}, FOLDER / "empty")
save_file(
    {
        "scalar": np.array(1.5, dtype=np.float64),
        "none": np.zeros((0, 7), dtype=np.float16),
        "model.layers.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "mask": np.array([True, False, True]),
        "ids": np.arange(4, dtype=np.int64),
    },
    FOLDER / "mixed",
    metadata={"format": "pt"},
)
