"""Random conversations and pictures in the form the reference's data code gives them.

A row of a spec: {"image": bool, "rounds": [[question tokens, answer tokens], ...]} and, where a case wants the unusual,
"system" (tokens of the system text), "instruct_zero" (this question token is id 0 in the instruct ids), "latents": false
(no latent placeholders), "marks": false (no -400), "early_targets": true (the system text is a target as well).
"""

import torch
from torch.nn.functional import interpolate

IMAGE, LATENT, IGNORE, MARK = -200, -300, -100, -400
BOS, END, USER, ASSISTANT, NEWLINE, SYSTEM = 1, 3, 4, 5, 6, 7
FIRST_WORD = 8


class _Row:
    """Ids, labels and instruct ids of one conversation, built from left to right."""

    def __init__(self):
        self.ids, self.labels, self.instructs = [], [], []
        self.prompt_end = 0  # where the last question's prompt ends

    def add(self, ids, target=False):
        self.ids += ids
        self.labels += ids if target else [IGNORE] * len(ids)


def _build_row(row, config, generator):
    vocab = config["vocab_size"]
    start, end = vocab - 2, vocab - 1

    def words(count):
        return torch.randint(FIRST_WORD, vocab - 2, (count,), generator=generator).tolist()

    out = _Row()
    first = [BOS] if config["model_type"] == "fusion_llama" else []
    out.add(first + [SYSTEM])
    out.add(words(row.get("system", 3)), target=row.get("early_targets", False))
    out.add([END])
    out.instructs += first if row["image"] else []
    for number, (asked, answered) in enumerate(row["rounds"]):
        question = words(asked)
        out.add([USER])
        if row.get("latents", True):
            out.add([start, LATENT, end])
        if number == 0 and row["image"]:
            out.add([start, IMAGE, end, NEWLINE])
        out.add(question + [END, ASSISTANT])
        if row.get("marks", True):
            out.labels[-1] = MARK
        out.prompt_end = len(out.ids)
        out.add(words(answered) + [END], target=True)
        if row["image"]:
            heard = list(question)
            if "instruct_zero" in row and number == 0:
                heard[row["instruct_zero"]] = 0
            out.instructs += heard
    out.instructs = out.instructs or [0]
    return out


def _pad(rows, value):
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=value)


def _picture(size, generator):
    """Five smooth noisy tiles, as they would come from uint8 pixels."""
    coarse = torch.rand(5, 3, 5, 5, generator=generator)
    tiles = interpolate(coarse, (size, size), mode="bicubic", align_corners=False)
    tiles = tiles + 0.1 * torch.randn(tiles.shape, generator=generator)
    pixels = (tiles.clamp(0, 1) * 255).round()
    return (pixels / 255 - 0.5) / 0.5


def make_inputs(spec, config, vision):
    """Every input tensor of the case; generation continues row 0 after its last question."""
    generator = torch.Generator().manual_seed(spec["seed"] + 1)
    size = vision["image_size"]
    rows = [_build_row(row, config, generator) for row in spec["rows"]]
    pictures = [_picture(size, generator) if row["image"] else torch.zeros(5, 3, size, size) for row in spec["rows"]]
    inputs = {
        "in.images": torch.stack(pictures),
        "in.input_ids": _pad([row.ids for row in rows], 0),
        "in.attention_mask": _pad([[1] * len(row.ids) for row in rows], 0).to(torch.uint8),
        "in.labels": _pad([row.labels for row in rows], IGNORE),
        "in.instructs": _pad([row.instructs for row in rows], 0),
    }
    prompt = rows[0].prompt_end
    inputs["gen.input_ids"] = torch.tensor([rows[0].ids[:prompt]])
    if len(spec["rows"][0]["rounds"]) > 1:
        marks = [MARK if label == MARK else IGNORE for label in rows[0].labels[:prompt]]
        inputs["gen.labels"] = torch.tensor([marks])
    return inputs
