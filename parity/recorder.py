"""Records every stage of one run of the reference under the names of goldens/README.md."""

import torch

PREPARED = {
    2: "prep.attention_mask", 1: "prep.position_ids", 4: "prep.inputs_embeds", 5: "prep.labels",
    6: "prep.instruct_embeddings", 7: "prep.instruct_features", 8: "prep.instruct_mask",
    9: "prep.vision_embeddings", 10: "vision_features", 11: "global_ctx", 12: "prep.query_len",
    13: "prep.instruct_pos", 14: "prep.vision_pos",
}


class Recorder:
    """Context manager: hooks a model, collects `stages`, and takes its hooks away again."""

    def __init__(self, model, decoder_module):
        self.model, self.decoder_module = model, decoder_module
        self.stages, self._handles, self._undo = {}, [], []
        self._tile, self._losses = "split", []

    def put(self, name, value):
        if isinstance(value, int):
            value = torch.tensor([value])
        self.stages[name] = value.detach().clone()

    def __enter__(self):
        inner = self.model.model
        self._hook(inner.vision_tower, self._on_tower)
        self._hook(inner.mm_projector, lambda m, a, out: self.put(f"vision.{self._tile}.projected", out))
        self._hook(inner.aux_projector, self._on_aux)
        self._wrap(inner.vision_tower, "feature_connector",
                   lambda out: self.put(f"vision.{self._tile}.connector", out))
        self._wrap(self.model, "encode_global_images", lambda out: self.put("global_grid", out))
        self._wrap(self.model, "prepare_inputs_labels_for_multimodal", self._on_prepared)
        self._wrap(torch.nn.functional, "adaptive_max_pool2d", self._on_pool)
        for name in ("CrossEntropyLoss", "CosineEmbeddingLoss"):
            self._record_loss(name)
        self._hook_decoder(inner)
        return self

    def __exit__(self, *_):
        for handle in self._handles:
            handle.remove()
        for undo in reversed(self._undo):
            undo()

    def _hook(self, module, function):
        self._handles.append(module.register_forward_hook(function))

    def _wrap(self, owner, name, on_result):
        original = getattr(owner, name)
        own = name in vars(owner)

        def wrapped(*args, **kwargs):
            result = original(*args, **kwargs)
            on_result(result)
            return result

        setattr(owner, name, wrapped)
        self._undo.append(lambda: setattr(owner, name, original) if own else delattr(owner, name))

    def _on_tower(self, module, args, output):
        self._tile = "global" if args[1] is None else "split"
        for k, hidden in enumerate(output[1].hidden_states):
            self.put(f"vision.{self._tile}.hidden.{k}", hidden)

    def _on_aux(self, module, args, output):
        if "instruct_states" not in self.stages:
            self.put("instruct_states", output)

    def _on_pool(self, output):
        # The latents are pooled first, the context second; the latter comes out of the preparation as well.
        if "latent_init" not in self.stages:
            self.put("latent_init", output.permute(0, 2, 3, 1).flatten(1, 2))

    def _on_prepared(self, result):
        for index, name in PREPARED.items():
            if result[index] is not None:
                self.put(name, result[index])

    def _hook_decoder(self, inner):
        config = inner.config
        for i, layer in enumerate(inner.layers):
            self._hook(layer, lambda m, a, out, i=i: self.put(f"llm.layer.{i}", out[0]))
        followers = list(inner.layers[1:]) + [inner.norm]
        for j, layer in enumerate(inner.vision_sampler_layers):
            self._hook(layer, lambda m, a, out, j=j: self._on_interaction(j, a, out))
            place = config.start_of_vision_sampler_layers + j * config.stride_of_vision_sampler_layers
            if place < len(followers):
                self._handles.append(followers[place].register_forward_pre_hook(
                    lambda m, a, j=j: self.put(f"interaction.{j}.hidden", a[0])))
        self._hook(inner.norm, lambda m, a, out: self.put("llm.norm", out))

    def _on_interaction(self, j, args, output):
        self.put(f"interaction.{j}.question", args[4])
        self.put(f"interaction.{j}.latent_in", args[5])
        self.put(f"interaction.{j}.latent_out", output)

    def _record_loss(self, name):
        original, recorder = getattr(self.decoder_module, name), self

        class Recording(original):
            def forward(self, *args):
                value = super().forward(*args)
                recorder._losses.append((name, value))
                return value

        setattr(self.decoder_module, name, Recording)
        self._undo.append(lambda: setattr(self.decoder_module, name, original))

    def put_output(self, output):
        """Logits and losses of the forward; the instruct cosine is left out where no instruct token counts."""
        self.put("logits", output.logits)
        cosines = [value for name, value in self._losses if name == "CosineEmbeddingLoss"]
        names = ["loss.cos_vision"] if len(cosines) == 1 else ["loss.cos_instruct", "loss.cos_vision"]
        parts = dict(zip(names, cosines))
        parts["loss.ce"] = next(value for name, value in self._losses if name == "CrossEntropyLoss")
        parts["loss.total"] = output.loss
        for name, value in parts.items():
            self.put(name, value.reshape(1))
