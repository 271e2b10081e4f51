"""FUSION's training pass in plain PyTorch (eager), written from the paper (arXiv 2504.09925): what train_step is
measured against. SigLIP tower, Phi-3 decoder, one picture and one question a row. Modules are named as in the
checkpoints.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

IGNORE, IMAGE, LATENT, QUESTION = -100, -200, -300, -400


def heads_first(x, heads):
    """[B, N, heads * d] -> [B, heads, N, d]"""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def heads_last(x):
    return x.transpose(1, 2).flatten(2)


class VisionLayer(nn.Module):
    def __init__(self, width, inner, heads, eps):
        super().__init__()
        self.heads = heads
        self.layer_norm1 = nn.LayerNorm(width, eps)
        self.self_attn = nn.ModuleDict({f"{p}_proj": nn.Linear(width, width) for p in ("q", "k", "v", "out")})
        self.layer_norm2 = nn.LayerNorm(width, eps)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, inner), "fc2": nn.Linear(inner, width)})

    def forward(self, x, mask, blind_rows):
        a, h = self.self_attn, self.layer_norm1(x)
        q = a["q_proj"](h)
        if blind_rows is not None:
            q = q * blind_rows  # equal scores: the mean of what is visible
        q, k, v = (heads_first(t, self.heads) for t in (q, a["k_proj"](h), a["v_proj"](h)))
        x = x + a["out_proj"](heads_last(F.scaled_dot_product_attention(q, k, v, attn_mask=mask)))
        h = F.gelu(self.mlp["fc1"](self.layer_norm2(x)), approximate="tanh")
        return x + self.mlp["fc2"](h)


class VisionTower(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, self.layer_count = c["hidden_size"], c["num_hidden_layers"] - 1  # FUSION drops the last one
        self.patches = (c["image_size"] // c["patch_size"]) ** 2
        embeddings = nn.ModuleDict({"patch_embedding": nn.Conv2d(3, width, c["patch_size"], c["patch_size"]),
                                    "position_embedding": nn.Embedding(self.patches, width)})
        layers = nn.ModuleList(
            VisionLayer(width, c["intermediate_size"], c["num_attention_heads"], c["layer_norm_eps"])
            for _ in range(self.layer_count))
        inner = nn.ModuleDict({"embeddings": embeddings, "encoder": nn.ModuleDict({"layers": layers}),
                               "post_layernorm": nn.LayerNorm(width, c["layer_norm_eps"])})
        self.vision_tower = nn.ModuleDict({"vision_model": inner})

    def forward(self, pixels, instruct=None, visible=None):
        """-> patch embeddings, and [B, P + I, 3 D]: last state, mean of the early and of the late ones."""
        model = self.vision_tower["vision_model"]
        x = model["embeddings"]["patch_embedding"](pixels).flatten(2).transpose(1, 2)
        x = patches = x + model["embeddings"]["position_embedding"].weight
        mask = blind_rows = None
        if instruct is not None:
            x = torch.cat([x, instruct], 1)
            keys = F.pad(visible, (self.patches, 0), value=True)
            mask = torch.zeros(keys.shape).masked_fill(~keys, -math.inf)[:, None, None].expand(-1, -1, x.size(1), -1)
            blind_rows = torch.cat([torch.ones(self.patches), torch.zeros(instruct.size(1))]).view(1, -1, 1)
        half, states = self.layer_count // 2, [x]
        for i, layer in enumerate(model["encoder"]["layers"]):
            x = layer(x, mask, blind_rows if i < half else None)
            states.append(x)
        early, late = (sum(states[i * half:(i + 1) * half]) / half for i in (0, 1))
        return patches, torch.cat([x, early, late], -1)


def projector(inside, outside):
    return nn.Sequential(nn.Linear(inside, outside), nn.GELU(), nn.Linear(outside, outside))


class DecoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, inner, self.heads = c["hidden_size"], c["intermediate_size"], c["num_attention_heads"]
        self.input_layernorm = nn.RMSNorm(width, c["rms_norm_eps"])
        self.self_attn = nn.ModuleDict({"qkv_proj": nn.Linear(width, 3 * width, bias=False),
                                        "o_proj": nn.Linear(width, width, bias=False)})
        self.post_attention_layernorm = nn.RMSNorm(width, c["rms_norm_eps"])
        self.mlp = nn.ModuleDict({"gate_up_proj": nn.Linear(width, 2 * inner, bias=False),
                                  "down_proj": nn.Linear(inner, width, bias=False)})

    def forward(self, x, cos, sin):
        qkv = self.self_attn["qkv_proj"](self.input_layernorm(x)).chunk(3, -1)
        q, k, v = (heads_first(t, self.heads) for t in qkv)
        seen = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True)
        x = x + self.self_attn["o_proj"](heads_last(seen))
        gate, up = self.mlp["gate_up_proj"](self.post_attention_layernorm(x)).chunk(2, -1)
        return x + self.mlp["down_proj"](F.silu(gate) * up)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


def rotary(c, length):
    """cos and sin [length, head_dim] of the long rope."""
    dim, scaling = c["hidden_size"] // c["num_attention_heads"], c["rope_scaling"]
    original, longest = c["original_max_position_embeddings"], c["max_position_embeddings"]
    factors = torch.tensor(scaling["long_factor" if length > original else "short_factor"])
    frequencies = 1.0 / (factors * c["rope_theta"] ** (torch.arange(0, dim, 2) / dim))
    angles = torch.arange(length).unsqueeze(1) * frequencies.repeat(2)
    scale = math.sqrt(1 + math.log(longest / original) / math.log(original))
    return angles.cos() * scale, angles.sin() * scale


class Interaction(nn.Module):
    """Each latent token, with the question, looks at its window."""

    def __init__(self, width):
        super().__init__()
        square = lambda: nn.Linear(width, width, bias=False)
        self.proj_in = nn.Linear(2 * width, width, bias=False)
        self.proj_context = square()
        self.norm = nn.LayerNorm(width)
        self.cross_attn = nn.ModuleDict({f"{p}_proj": nn.Sequential(nn.LayerNorm(width), square()) for p in "qkv"})
        self.cross_attn["o_proj"] = square()
        self.proj_out = nn.ModuleDict({"linear_1": square(), "linear_2": square()})

    def forward(self, question, latent, windows):
        """question [B, H], latent [B, q, H], windows [B, q, w * w, H] -> [B, q, H]"""
        p = self.proj_in(torch.cat([question.unsqueeze(1).expand_as(latent), latent], -1))
        context = self.proj_context(windows).flatten(0, 1)
        q, k, v = (heads_first(self.cross_attn[f"{name}_proj"](x), 16)
                   for name, x in (("q", p.flatten(0, 1).unsqueeze(1)), ("k", context), ("v", context)))
        seen = self.cross_attn["o_proj"](heads_last(F.scaled_dot_product_attention(q, k, v))).view_as(p)
        return self.proj_out["linear_2"](F.gelu(self.proj_out["linear_1"](self.norm(seen + p)))) + latent


def pool(grid, side):
    """[B, n * n, H] -> [B, side, side, H]"""
    n = math.isqrt(grid.size(1))
    return F.adaptive_max_pool2d(grid.view(-1, n, n, grid.size(2)).permute(0, 3, 1, 2), side).permute(0, 2, 3, 1)


class Fusion(nn.Module):
    def __init__(self, config, vision):
        super().__init__()
        self.c, width, tower_width = config, config["hidden_size"], vision["hidden_size"]
        samplers = config["num_of_vision_sampler_layers"]
        self.model = nn.ModuleDict({
            "embed_tokens": nn.Embedding(config["vocab_size"], width, padding_idx=config["pad_token_id"]),
            "layers": nn.ModuleList(DecoderLayer(config) for _ in range(config["num_hidden_layers"])),
            "norm": nn.RMSNorm(width, config["rms_norm_eps"]),
            "vision_sampler_layers": nn.ModuleList(
                nn.ModuleDict({"layers": nn.ModuleList([Interaction(width)])}) for _ in range(samplers)),
            "vision_tower": VisionTower(vision),
            "mm_projector": projector(3 * tower_width, width),
            "aux_projector": projector(width, tower_width)})
        self.lm_head = nn.Linear(width, config["vocab_size"], bias=False)

    def forward(self, batch):
        """-> the loss"""
        m, patches = self.model, self.model["vision_tower"].patches
        ids, query_len = batch["instruct_ids"], int(batch["query_len"])
        visible = ids != 0
        instruct = m["embed_tokens"](ids)
        embedded, features = m["vision_tower"](batch["pixels"][:, 4], m["aux_projector"](instruct), visible)
        view, instruct_features = m["mm_projector"](features).split([patches, ids.size(1)], 1)
        back = m["aux_projector"](view)

        tiles = m["mm_projector"](m["vision_tower"](batch["pixels"][:, :4].flatten(0, 1))[1])
        s, g, w = math.isqrt(patches), math.isqrt(query_len), self.c["window_size"]
        grid = tiles.view(-1, 2, 2, s, s, tiles.size(-1)).transpose(2, 3).flatten(1, 4)  # [B, 4 P, H]
        latents = pool(grid, g).flatten(1, 2)
        windows = pool(grid, g * w).unflatten(2, (g, w)).unflatten(1, (g, w)).transpose(2, 3)
        windows = windows.flatten(3, 4).flatten(1, 2)  # [B, q, w * w, H]

        x, labels, latent_at, question_at = self.put_together(batch, view, latents)
        cos, sin = rotary(self.c, x.size(1))
        rows = torch.arange(x.size(0))
        start, stride = (self.c[f"{key}_of_vision_sampler_layers"] for key in ("start", "stride"))
        for i, layer in enumerate(m["layers"]):
            x = layer(x, cos, sin)
            j, rest = divmod(i - start, stride)
            if rest == 0 and 0 <= j < len(m["vision_sampler_layers"]):
                look = m["vision_sampler_layers"][j]["layers"][0]
                seen = look(x[rows, question_at], x[rows.unsqueeze(1), latent_at], windows)
                x = x.clone()
                x[rows.unsqueeze(1), latent_at] = seen
        logits = self.lm_head(m["norm"](x))

        ce = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORE)
        cos_instruct = 1 - F.cosine_similarity(instruct[visible], instruct_features[visible], dim=-1).mean()
        cos_vision = 1 - F.cosine_similarity(embedded, back, dim=-1).mean()
        return ce + 0.1 * (cos_instruct + cos_vision)

    def put_together(self, batch, view, latents):
        """Picture and latent tokens in the places of their ids; the picture stands first, as in the reference."""
        rows, row_labels, latent_at, question_at = [], [], [], []
        words = self.model["embed_tokens"](batch["input_ids"].clamp_min(0))
        for b, mask in enumerate(batch["attention_mask"]):
            ids, own, labels = batch["input_ids"][b][mask], words[b][mask], batch["labels"][b][mask]
            first, second = ((ids == IMAGE) | (ids == LATENT)).nonzero().flatten().tolist()
            none = labels.new_full((view.size(1) + latents.size(1),), IGNORE)
            rows.append(torch.cat([own[:first], view[b], own[first + 1:second], latents[b], own[second + 1:]]))
            merged = torch.cat([labels[:first], none[:view.size(1)], labels[first + 1:second],
                                none[view.size(1):], labels[second + 1:]])
            begin = second + view.size(1) - 1
            latent_at.append(torch.arange(begin, begin + latents.size(1)))
            question_at.append((merged == QUESTION).nonzero()[0, 0])
            row_labels.append(merged.masked_fill(merged == QUESTION, IGNORE))
        pad = nn.utils.rnn.pad_sequence
        return (pad(rows, batch_first=True), pad(row_labels, batch_first=True, padding_value=IGNORE),
                torch.stack(latent_at), torch.stack(question_at))
