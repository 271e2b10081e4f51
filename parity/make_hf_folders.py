"""Makes tests/data/hf: tiny checkpoints in Hugging Face form for `fusion init --vision DIR --llm DIR`, with random weights.

    python parity/make_hf_folders.py              # writes tests/data/hf
    python parity/make_hf_folders.py --check DIR  # loads a folder that fusion assembled from siglip and phi3

siglip   a two-tower SiglipModel (float32): what a hub checkpoint of SigLIP or SigLIP2 of a fixed size looks like
tower    a SiglipVisionModel alone (bfloat16), patch 8
phi3     a Phi3ForCausalLM (bfloat16) with more embedding rows than tokens, slow SentencePiece tokenizer
llama    a LlamaForCausalLM (float32) with tied embeddings in two shards, fast byte-level tokenizer
expected.json          what transformers' tokenizers do after add_tokens(["<vision_start>", "<vision_end>"], special_tokens=True)
expected.safetensors   position embeddings of siglip and tower at other sizes, by interpolate_pos_encoding

The tokenizers are those of parity/goldens/tokenizers without the two vision tokens. Needs torch, transformers 4.48.1,
safetensors and sentencepiece.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import (AutoTokenizer, LlamaConfig, LlamaForCausalLM, Phi3Config, Phi3ForCausalLM, SiglipConfig,
                          SiglipModel, SiglipVisionConfig, SiglipVisionModel)

ROOT = Path(__file__).resolve().parent.parent
TOKENIZERS = ROOT / "parity/goldens/tokenizers"
TARGET = ROOT / "tests/data/hf"
VISION_TOKENS = ["<vision_start>", "<vision_end>"]
TEXTS = ["<vision_start><vision_end>\nWhat is this?", "Two words <vision_start> more", "no token at all"]

# As with 384 and 14, the picture does not divide into whole patches.
TOWER = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=4, num_attention_heads=2, image_size=23, patch_size=7)
TEXT = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, vocab_size=32,
            max_position_embeddings=8)
DECODER = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=2)


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)
    return model


def save_siglip(folder):
    config = SiglipConfig(vision_config=TOWER, text_config=TEXT)
    randomise(SiglipModel(config), 1).save_pretrained(folder)


def save_tower(folder):
    config = SiglipVisionConfig(**{**TOWER, "image_size": 32, "patch_size": 8})
    randomise(SiglipVisionModel(config), 2).to(torch.bfloat16).save_pretrained(folder)


def copy_tokenizer(name, folder):
    """The golden tokenizer as it was before the two vision tokens."""
    for path in (TOKENIZERS / name).iterdir():
        if path.name == "golden.json":
            continue
        if path.suffix != ".json":
            shutil.copy(path, folder / path.name)
            continue
        value = json.loads(path.read_text())
        value.pop("additional_special_tokens", None)
        if path.name == "added_tokens.json":
            value = {token: i for token, i in value.items() if token not in VISION_TOKENS}
        for i, token in list(value.get("added_tokens_decoder", {}).items()):
            if token["content"] in VISION_TOKENS:
                del value["added_tokens_decoder"][i]
        if "added_tokens" in value:
            value["added_tokens"] = [t for t in value["added_tokens"] if t["content"] not in VISION_TOKENS]
        (folder / path.name).write_text(json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def save_phi3(folder):
    factors = dict(short_factor=[1.0, 1.1, 1.5, 2.0], long_factor=[1.1, 2.0, 8.0, 32.0], type="longrope")
    config = Phi3Config(**DECODER, vocab_size=480, max_position_embeddings=8192, original_max_position_embeddings=1024,
                        rope_scaling=factors, sliding_window=262144, pad_token_id=460, bos_token_id=1, eos_token_id=460)
    model = randomise(Phi3ForCausalLM(config), 3).to(torch.bfloat16)
    model.generation_config.eos_token_id = [467, 461, 460]
    model.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "configuration_phi3.Phi3Config"}  # as in the published folder
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    copy_tokenizer("phi_like", folder)


def save_llama(folder):
    scaling = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=512,
                   rope_type="llama3")
    config = LlamaConfig(**DECODER, num_key_value_heads=1, vocab_size=447, max_position_embeddings=2048,
                         rope_scaling=scaling, rope_theta=500000.0, tie_word_embeddings=True, bos_token_id=440,
                         eos_token_id=[441, 445, 446])
    randomise(LlamaForCausalLM(config), 4).save_pretrained(folder, max_shard_size="32KB")
    copy_tokenizer("llama3_like", folder)


def tokens_after_adding(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=False)
    tokenizer.add_tokens(VISION_TOKENS, special_tokens=True)
    return {"length": len(tokenizer), "vision": tokenizer.convert_tokens_to_ids(VISION_TOKENS),
            "ids": [tokenizer(text).input_ids for text in TEXTS]}


def resized_positions(folder, image_size):
    embeddings = SiglipVisionModel.from_pretrained(folder, torch_dtype=torch.float32).vision_model.embeddings
    blank = torch.zeros(1, (image_size // embeddings.patch_size) ** 2, embeddings.embed_dim)  # it only counts the patches
    return embeddings.interpolate_pos_encoding(blank, image_size, image_size)[0].detach().contiguous()


def make():
    shutil.rmtree(TARGET, ignore_errors=True)
    for name, save in {"siglip": save_siglip, "tower": save_tower, "phi3": save_phi3, "llama": save_llama}.items():
        (TARGET / name).mkdir(parents=True)
        save(TARGET / name)
    expected = {"texts": TEXTS, **{name: tokens_after_adding(TARGET / name) for name in ("phi3", "llama")}}
    (TARGET / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    save_file({"siglip_35": resized_positions(TARGET / "siglip", 35), "tower_24": resized_positions(TARGET / "tower", 24)},
              TARGET / "expected.safetensors")


def check(folder):
    """Whether transformers reads what was assembled from siglip and phi3 in float32, and sees the same picture."""
    tensors = load_file(folder / "model.safetensors")
    prefix = "model.vision_tower.vision_tower."
    tower = SiglipVisionModel.from_pretrained(TARGET / "siglip").eval()
    pixels = torch.randn(1, 3, 23, 23, generator=torch.Generator().manual_seed(5))
    before = tower(pixels, output_hidden_states=True).hidden_states[-2]
    ours = {name[len(prefix):]: value.float() for name, value in tensors.items() if name.startswith(prefix)}
    with torch.no_grad():
        for name, parameter in tower.named_parameters():
            parameter.copy_(ours[name]) if name in ours else parameter.zero_()
    after = tower(pixels, output_hidden_states=True).hidden_states[-2]
    print("tower features equal to the bit:", torch.equal(before, after))
    tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=False)
    expected = json.loads((TARGET / "expected.json").read_text())["phi3"]
    print("tokenizer equal:", len(tokenizer) == expected["length"] and
          [tokenizer(text).input_ids for text in TEXTS] == expected["ids"])
    print("rows equal tokens:", tensors["model.embed_tokens.weight"].shape[0] == len(tokenizer))


if __name__ == "__main__":
    assert transformers.__version__ == "4.48.1", transformers.__version__
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    check(arguments.check) if arguments.check else make()
