#!/usr/bin/env python3
"""Writes sampling.json: what transformers draws from, for every limit and their combinations.

    pip install torch==2.13.0 transformers==5.23.0
    python3 tests/data/sampling/make_sampling.py

The processors are chosen and ordered by transformers itself (GenerationMixin._get_logits_processor). Logits are 40
normal numbers, of which five are equal at the border of top_k = 8; the tokens "said" are an answer so far.
"""
import itertools
import json
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
LIMITS = {
    "temperature": (0.7, 1.0, 2.5),
    "top_k": (0, 8, 30),
    "top_p": (1.0, 0.6, 0.95),
    "min_p": (0.0, 0.05, 0.3),
    "repetition_penalty": (1.0, 1.8, 0.6),
}
SAID = [3, 17, 3, 22, 39]


def make_logits():
    logits = torch.randn(40, generator=torch.Generator().manual_seed(4)) * 2
    logits[torch.argsort(logits, descending=True)[6:11]] = logits.sort(descending=True).values[7].item()
    return logits


def distribution(model, logits, limits):
    config = GenerationConfig(do_sample=True, **limits)
    processors = model._get_logits_processor(config, input_ids_seq_length=len(SAID), encoder_input_ids=None,
                                             prefix_allowed_tokens_fn=None, logits_processor=None, device="cpu")
    scores = processors(torch.tensor([SAID]), logits[None].clone())
    return torch.softmax(scores, dim=-1)[0]


def cuts_equals(model, logits, limits):
    """Whether top_p keeps some of several equal tokens: which ones is a matter of torch's unstable sort."""
    kept = distribution(model, logits, limits) > 0
    before = distribution(model, logits, limits | {"top_p": 1.0, "min_p": 0.0})
    return bool(set(before[kept].tolist()) & set(before[~kept & (before > 0)].tolist()))


def chosen_cases():
    """Each limit alone, then every seventh combination."""
    plain = {name: values[0] for name, values in LIMITS.items()} | {"temperature": 1.0}
    for name, values in LIMITS.items():
        yield from (plain | {name: value} for value in values)
    everything = itertools.product(*LIMITS.values())
    yield from (dict(zip(LIMITS, values)) for values in list(everything)[1::7])


def main():
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=40, **sizes))  # chooses processors; never run
    logits = make_logits()
    cases = []
    for limits in chosen_cases():
        if cuts_equals(model, logits, limits):
            continue
        probabilities = distribution(model, logits, limits)
        ids = [i for i in range(40) if probabilities[i] > 0]
        cases.append({"limits": limits, "ids": ids, "probabilities": [float(f"{probabilities[i]:.8g}") for i in ids]})
    rows = ",\n".join("  " + json.dumps(case) for case in cases)
    head = f'{{"said": {json.dumps(SAID)},\n "logits": {json.dumps(logits.tolist())},\n "cases": [\n'
    (HERE / "sampling.json").write_text(head + rows + "\n]}\n")


main()
