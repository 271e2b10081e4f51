"""Loads the reference implementation of FUSION for towers of any size.

The reference hard-codes the sizes of its published towers (729 or 576 patches, 13 or 19 early layers) and keeps
FUSION-L as commented-out lines; its loader is written for a GPU. Nothing in the checkout is changed: while a module is
imported, those constants are replaced in its syntax tree, and the FUSION-L lines are taken out of their comments where a
case asks for them.
"""

import ast
import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
from pathlib import Path

TOWERS = {
    # tower: (module, class prefix, patches, early layers)
    "siglip": ("siglip_encoder", "SigLip", 729, 13),
    "siglip2": ("siglip2_encoder", "SigLip2", 576, 19),
}
DECODERS = {
    "phi3": ("fusion_phi", "FusionPhiConfig", "FusionPhiForCausalLM"),
    "llama": ("fusion_llama", "FusionConfig", "FusionLlamaForCausalLM"),
}


class _ReplaceConstants(ast.NodeTransformer):
    def __init__(self, table):
        self.table = table

    def visit_Constant(self, node):
        if type(node.value) in (int, str) and node.value in self.table:
            return ast.copy_location(ast.Constant(self.table[node.value]), node)
        return node


class _PatchingLoader(importlib.machinery.SourceFileLoader):
    """Compiles from source every time, so that no cached byte code of other sizes is picked up."""

    def __init__(self, name, path, constants, uncomment):
        super().__init__(name, path)
        self.constants, self.uncomment = constants, uncomment

    def get_code(self, fullname):
        text = Path(self.path).read_text()
        if self.uncomment:
            text = uncomment_fusion_l(text, self.uncomment)
        tree = _ReplaceConstants(self.constants).visit(ast.parse(text, self.path))
        return compile(ast.fix_missing_locations(tree), self.path, "exec")


class _PatchingFinder(importlib.abc.MetaPathFinder):
    def __init__(self, root, patches):
        self.root, self.patches = root, patches

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.patches:
            return None
        file = self.root / (fullname.replace(".", "/") + ".py")
        loader = _PatchingLoader(fullname, str(file), *self.patches[fullname])
        return importlib.util.spec_from_file_location(fullname, file, loader=loader)


def uncomment_fusion_l(text, size):
    """Takes the reference's FUSION-L lines out of their comment and sets their size."""
    text, count = re.subn(r"^( +)# (image_features = .*)$", r"\1\2", text, flags=re.M)
    text, sizes = re.subn(r"size=\(12, 12\)", f"size=({size[0]}, {size[1]})", text)
    if (count, sizes) != (4, 1):
        raise SystemExit(f"fusion_arch.py: expected 4 commented FUSION-L lines and one size, got {count} and {sizes}")
    return text


class Reference:
    """The reference's classes, built for one tower size and one latent count."""

    def __init__(self, root, llm, tower, vision_config, query_len, fusion_l_size):
        module, prefix, patches, early = TOWERS[tower]
        self.kept = vision_config["num_hidden_layers"] - 1
        self.half = self.kept // 2
        self.vision_len = (vision_config["image_size"] // vision_config["patch_size"]) ** 2
        sizes = {patches: self.vision_len, early: self.half, 2 * early: 2 * self.half}
        encoder_name = f"fusion.model.multimodal_encoder.{module}"
        sys.dont_write_bytecode = True
        sys.meta_path.insert(0, _PatchingFinder(Path(root), {
            encoder_name: (sizes, None),
            "fusion.model.fusion_arch": ({}, fusion_l_size),
            "fusion.model.builder": ({"cuda": "cpu"}, None),
        }))
        sys.path.insert(0, str(root))
        encoder = importlib.import_module(encoder_name)
        self.arch = importlib.import_module("fusion.model.fusion_arch")
        decoder, config_name, model_name = DECODERS[llm]
        self.decoder = importlib.import_module(f"fusion.model.language_model.{decoder}")
        self.config_class = getattr(self.decoder, config_name)
        self.model_class = getattr(self.decoder, model_name)

        # The reference draws the latent count at random; a case fixes it.
        self.arch.random.choice = lambda choices: str(query_len)
        self._give_tower_its_sizes(encoder, prefix, vision_config)

    def _give_tower_its_sizes(self, encoder, prefix, vision_config):
        """The tower's class asks a hub for weights and sizes; it gets an untrained tower of the case's sizes."""
        vision_model = getattr(encoder, f"{prefix}VisionModel")
        real_config = getattr(encoder, f"{prefix}VisionConfig")
        sizes = {k: v for k, v in vision_config.items() if k != "model_type"}
        vision_model.from_pretrained = classmethod(lambda cls, *_, **__: cls(real_config(**sizes)))

        class CaseConfig(real_config):
            def __init__(self, **overrides):
                super().__init__(**{**sizes, **overrides})

            @classmethod
            def from_pretrained(cls, *_, **__):
                return cls()

        setattr(encoder, f"{prefix}VisionConfig", CaseConfig)
        side = vision_config["image_size"]
        setattr(encoder, f"{prefix}ImageProcessor", functools.partial(
            getattr(encoder, f"{prefix}ImageProcessor"), size=(side, side), crop_size={"height": side, "width": side}))

    def build(self, config):
        """A model in float32 with eager attention, every parameter trainable."""
        import torch

        values = {k: v for k, v in config.items() if k not in ("architectures", "transformers_version", "torch_dtype")}
        config = self.config_class(**values, torch_dtype="float32")
        model = self.model_class._from_config(config, attn_implementation="eager", torch_dtype=torch.float32)
        model.requires_grad_(True)
        return model.eval()
