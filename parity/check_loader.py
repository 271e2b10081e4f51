#!/usr/bin/env python3
"""Loads a folder with the reference's own loader, lets it answer questions on a picture, and compares the program.

  check_loader.py --reference CHECKOUT --program build/release/fusion FOLDER

FOLDER is a FUSION checkpoint saved by the program as float16: the loader rounds every weight to that. Both then compute
in float32 on the CPU. Patched of the reference: tower sizes, and "cuda" is "cpu" in fusion/model/builder.py. Needs
accelerate beside what make_case.py needs.
"""

import argparse
import importlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

FAMILIES = {  # model_type: (decoder, template, a name by which the loader knows the family)
    "fusion_phi": ("phi3", "phi_3", "fusion-phi"),
    "fusion_llama": ("llama", "llama_3", "fusion-llama"),
}
QUESTIONS = ["What colour is the bird?", " And what is behind it? "]


def load(root, folder, query_len):
    """What load_pretrained_model returns for the folder, every stored weight found unchanged in the model."""
    import torch
    from safetensors.torch import load_file

    from reference import Reference

    config = json.loads((folder / "config.json").read_text())
    vision = json.loads((folder / "vision_config.json").read_text())
    tower = "siglip2" if "siglip2" in config["mm_vision_tower"].lower() else "siglip"
    llm, _, name = FAMILIES[config["model_type"]]
    Reference(root, llm, tower, vision, query_len, None)
    builder = importlib.import_module("fusion.model.builder")
    tokenizer, model, _, _ = builder.load_pretrained_model(str(folder), None, name, device="cpu")
    stored = {key: value for file in folder.glob("*.safetensors") for key, value in load_file(file).items()}
    if model.config.tie_word_embeddings:
        stored["lm_head.weight"] = stored["model.embed_tokens.weight"]  # stored once, as transformers does
    held = model.state_dict()
    different = [key for key in stored.keys() | held.keys()
                 if key not in stored or key not in held or not torch.equal(stored[key], held[key])]
    if different:
        raise SystemExit(f"{folder}: {len(different)} tensors are not what was stored: {sorted(different)[:3]}")
    print(f"{folder}: loaded as {type(model).__name__} with {type(tokenizer).__name__} of {len(tokenizer)} tokens, "
          f"{len(stored)} tensors equal to the file's")
    return tokenizer, model.float(), config["model_type"]


def make_case(root, folder, out, query_len, max_new_tokens, seed):
    """A golden conversation in `out`: the folder's files, and what the loaded model answers."""
    from safetensors.torch import save_file

    from conversation import Talk, draw_picture

    tokenizer, model, model_type = load(root, folder, query_len)
    template = FAMILIES[model_type][1]
    talk = Talk(root, model, tokenizer, template, max_new_tokens)
    picture = draw_picture([120, 90], seed)
    pixels = talk.pixels(picture)
    rounds, _ = talk.train_rounds(QUESTIONS, pixels)
    tensors = {"in.images": pixels} | {f"round.{i}.logits": r.pop("logits") for i, r in enumerate(rounds)}
    shutil.copytree(folder, out)
    picture.save(out / "picture.png")
    save_file(tensors, out / "conversation.safetensors")
    (out / "conversation.json").write_text(json.dumps({
        "name": folder.name, "template": template, "query_len_used": query_len, "max_new_tokens": max_new_tokens,
        "questions": QUESTIONS, "rounds": rounds}))
    for i, one in enumerate(rounds):
        print(f"round {i}: {len(one['input_ids'])} prompt ids, {len(one['output_ids'])} answer ids, "
              f"two best tokens at least {one['smallest_top1_top2_gap']:.1e} apart")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, help="a checkout of the reference implementation")
    parser.add_argument("--program", type=Path, required=True, help="the fusion program that saved the folder")
    parser.add_argument("--query-len", type=int, default=4, help="latent tokens of a question")
    parser.add_argument("--max-new-tokens", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1, help="of the picture")
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / args.folder.resolve().name
        make_case(args.reference, args.folder, out, args.query_len, args.max_new_tokens, args.seed)
        return subprocess.run([args.program, "verify", out]).returncode


if __name__ == "__main__":
    sys.exit(main())
