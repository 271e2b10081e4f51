"""What a golden case holds beyond its inputs: forward, backward, optimizer steps, greedy generation."""

import copy

import torch

from recorder import Recorder

LEARNING_RATE, BETAS, EPS = 1e-3, (0.9, 0.999), 1e-8
MAX_NEW_TOKENS = 12
_TOWER = "model.vision_tower.vision_tower.vision_model"
_SAMPLER = "model.vision_sampler_layers.0.layers.0"
GRADIENTS = [
    "lm_head.weight", "model.aux_projector.0.weight", "model.aux_projector.2.weight", "model.embed_tokens.weight",
    "model.layers.0.input_layernorm.weight", "model.layers.0.self_attn.qkv_proj.weight",
    "model.layers.0.self_attn.k_proj.weight", "model.layers.1.mlp.down_proj.weight", "model.mm_projector.0.weight",
    "model.mm_projector.2.bias", "model.norm.weight", f"{_SAMPLER}.cross_attn.k_proj.0.weight",
    f"{_SAMPLER}.cross_attn.v_proj.1.weight", f"{_SAMPLER}.norm.bias", f"{_SAMPLER}.proj_in.weight",
    f"{_TOWER}.embeddings.patch_embedding.bias", f"{_TOWER}.embeddings.position_embedding.weight",
    f"{_TOWER}.encoder.layers.0.layer_norm1.weight", f"{_TOWER}.encoder.layers.0.self_attn.v_proj.weight",
]
# Whole gradients of these are kept, their stepped values are not: the files stay small.
NOT_STEPPED = {"lm_head.weight", "model.layers.0.self_attn.qkv_proj.weight", "model.mm_projector.0.weight",
               f"{_SAMPLER}.proj_in.weight"}


def kept_gradients(model):
    return [name for name, _ in model.named_parameters() if name in GRADIENTS]


def loss_of(model, inputs):
    return model(
        input_ids=inputs["in.input_ids"], attention_mask=inputs["in.attention_mask"].bool(),
        labels=inputs["in.labels"], images=inputs["in.images"], instructs=inputs["in.instructs"], return_dict=True)


def forward_backward(model, decoder_module, inputs):
    """Stages of one forward and the gradients of loss.total, with the facts of case.json."""
    model.zero_grad(set_to_none=True)
    with Recorder(model, decoder_module) as recorder:
        output = loss_of(model, inputs)
        recorder.put_output(output)
    output.loss.backward()
    stages = recorder.stages
    norms = {name: None if p.grad is None else p.grad.double().norm().item() for name, p in model.named_parameters()}
    for name in kept_gradients(model):
        stages[f"grad.{name}"] = model.get_parameter(name).grad.clone()
    losses = {key: stages[f"loss.{key}"].item() if f"loss.{key}" in stages else None
              for key in ("total", "ce", "cos_instruct", "cos_vision")}
    total = sum(norm**2 for norm in norms.values() if norm is not None) ** 0.5
    return stages, {"losses": losses, "grad_norm_total": total, "grad_norms": norms}


def adamw(model, inputs, prefix, steps, weight_decay, clip):
    """Values after `steps` AdamW steps on a copy of the model, the losses around them, the norms before clipping."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPS,
                                  weight_decay=weight_decay)
    losses, norms = [], []
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model, inputs).loss
        loss.backward()
        losses.append(loss.item())
        if clip is not None:
            norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), clip).item())
        optimizer.step()
    facts = {"lr": LEARNING_RATE, "betas": list(BETAS), "eps": EPS, "weight_decay": weight_decay, "clip": clip}
    if clip is not None:
        with torch.no_grad():
            losses.append(loss_of(model, inputs).loss.item())
        facts |= {"losses": losses, "grad_norms_before_clip": norms}
    stages = {f"{prefix}.{name}": model.get_parameter(name).detach().clone()
              for name in kept_gradients(model) if name not in NOT_STEPPED}
    return stages, facts


def generate(model, inputs):
    """Greedy ids and logits for gen.input_ids, with the pictures and instruct ids of the rows they belong to."""
    model = copy.deepcopy(model)  # the reference leaves a request's state on the model object
    rows = inputs["gen.input_ids"].shape[0]
    result = model.generate(
        inputs=inputs["gen.input_ids"], images=inputs["in.images"][:rows], instructs=inputs["in.instructs"][:rows],
        labels=inputs.get("gen.labels"), do_sample=False, num_beams=1, max_new_tokens=MAX_NEW_TOKENS,
        return_dict_in_generate=True, output_logits=True, use_cache=True)
    logits = torch.stack(result.logits, dim=1)
    top = logits.topk(2, dim=-1).values
    stages = {"gen.output_ids": result.sequences, "gen.logits": logits,
              "gen.instruct_pos": model.instruct_pos, "gen.vision_pos": model.vision_pos}
    facts = {"max_new_tokens": MAX_NEW_TOKENS, "smallest_top1_top2_gap": (top[..., 0] - top[..., 1]).min().item()}
    return stages, facts


def run_case(model, decoder_module, inputs):
    """Every computed tensor of a case and the computed part of case.json."""
    stages, facts = forward_backward(model, decoder_module, inputs)
    for prefix, steps, decay, clip in (("adamw1", 1, 0.0, None), ("adamw3", 3, 0.01, 1.0)):
        values, facts[prefix] = adamw(model, inputs, prefix, steps, decay, clip)
        stages |= values
    values, facts["gen"] = generate(model, inputs)
    return stages | values, facts
