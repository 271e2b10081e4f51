#!/usr/bin/env python3
"""Writes the seeds of tokenizer_fuzz: a flags byte, a small tokenizer.json, a zero byte, a text."""
import json
from pathlib import Path

HERE = Path(__file__).parent / "tokenizer"
SPLIT = r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def file(steps, merges, **model):
    tokens = ["a", "b", "c", "Ġ", "Ċ", "1", "Ã", "©", "ab", "Ġa", "abc"]
    added = [{"id": 11, "content": "<|x|>", "special": True}, {"id": 12, "content": "<y>", "lstrip": True, "rstrip": True},
             {"id": 13, "content": "<z>", "single_word": True, "normalized": True}]
    template = {"type": "TemplateProcessing", "special_tokens": {"<|x|>": {"ids": [11]}},
                "single": [{"SpecialToken": {"id": "<|x|>"}}, {"Sequence": {"id": "A"}}]}
    return json.dumps({
        "added_tokens": added, "normalizer": None, "post_processor": template, "decoder": {"type": "ByteLevel"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "model": {"type": "BPE", "vocab": {t: i for i, t in enumerate(tokens)}, "merges": merges, **model}},
        separators=(",", ":"))


def main():
    HERE.mkdir(exist_ok=True)
    plain = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": SPLIT}, "behavior": "Isolated"}
    string = {"type": "Split", "pattern": {"String": "."}, "behavior": "Removed", "invert": True}
    digits = {"type": "Digits", "individual_digits": True}
    text = "abc a  ab1<|x|> <y> \n é<z>abab" * 3
    seeds = {
        "split": file([split, plain], ["a b", "Ġ a", "ab c"]),
        "pairs": file([digits, string, plain], [["a", "b"], ["Ġ", "a"]], ignore_merges=True),
        "gpt2": file([dict(plain, use_regex=True)], ["a b"], unk_token="a"),
    }
    for i, (name, seed) in enumerate(seeds.items()):
        (HERE / name).write_bytes(bytes([i + 1]) + seed.encode() + b"\0" + text.encode())


if __name__ == "__main__":
    main()
