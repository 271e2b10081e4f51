"""From a short spec to the configs and the random weights of a golden case."""

import json
import math
from pathlib import Path

import torch

GOLDENS = Path(__file__).resolve().parent / "goldens"


def complete_configs(spec):
    """config.json and vision_config.json of the case `base`, with the spec's changes."""
    base = GOLDENS / spec["base"]
    config = json.loads((base / "config.json").read_text()) | spec.get("config", {})
    vision = json.loads((base / "vision_config.json").read_text()) | spec.get("vision", {})
    config["mm_vision_tower"] = f"{spec['tower']}-tiny"
    config["mm_hidden_size"] = vision["hidden_size"]
    if spec["llm"] == "phi3":
        pairs = config["hidden_size"] // config["num_attention_heads"] // 2
        config["rope_scaling"] = {
            "type": "longrope",
            "short_factor": [round(1 + 0.045 * (i + 1), 4) for i in range(pairs)],
            "long_factor": [round(1.15 + 0.93 * i, 4) for i in range(pairs)],
        }
    else:
        config["head_dim"] = config["hidden_size"] // config["num_attention_heads"]
    return config, vision


def fill_weights(model, seed):
    """Weights large enough that every stage moves: a mistake in any of them shows."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            elif parameter.dim() == 1:
                parameter.copy_(1 + 0.15 * noise)
            else:
                parameter.copy_(_spread(name, parameter) * noise)


def _spread(name, parameter):
    if "embed_tokens" in name:
        return 0.6
    if "position_embedding" in name:
        return 0.4
    gain = {"lm_head.weight": 2.0}.get(name, 1.5 if "patch_embedding" in name else 1.0)
    return gain / math.sqrt(parameter[0].numel())
