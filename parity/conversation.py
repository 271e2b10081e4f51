"""Golden conversations: rounds of questions on one picture, asked and answered by the reference.

A conversation is encoded as training encodes it: the pictures' place, the prompts and the instruct text come from the
reference's own functions, every question's last prompt token so far is marked, and an answer goes into the next round
as its decoded text, without special tokens and without white space at its ends. The whole is checked against the
reference's training labels. The reference's command line (fusion/serve/cli.py) writes its history otherwise; its rounds
are kept beside.
"""

import ast
import copy
import importlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from reference import Reference
from spec import GOLDENS, complete_configs, fill_weights

IMAGE, IGNORE, MARK = -200, -100, -400
TAGS = ("<image>", "<vision_start>", "<vision_end>")
TRAINING = {"phi_3": "preprocess_phi_3", "llama_3": "preprocess_llama_3"}
SMALLEST_GAP = 1e-2
QUIET = 0.1


class Talk:
    """The reference's functions around one model, tokenizer and picture."""

    def __init__(self, root, model, tokenizer, template, max_new_tokens):
        self.model, self.tokenizer = model, tokenizer
        self.template, self.max_new_tokens = template, max_new_tokens
        self.ends = model.generation_config.eos_token_id
        self.words = importlib.import_module("fusion.mm_utils")
        self.formats = importlib.import_module("fusion.conversation")
        self.formats.default_conversation = self.formats.conv_templates[template]
        self.training = _functions_of(root / "fusion/train/train.py", ["preprocess_multimodal", TRAINING[template]], {
            "torch": torch, "transformers": importlib.import_module("transformers"),
            "conversation_lib": self.formats, "tokenizer_image_token": self.words.tokenizer_image_token,
            "IS_TOKENIZER_GREATER_THAN_0_14": True, **vars(importlib.import_module("fusion.constants")),
        })

    def pixels(self, picture):
        """(1,5,3,S,S), by the tower's own image processor."""
        processor = self.model.get_vision_tower().image_processor
        return self.words.process_images([picture.convert("RGB")], processor, self.model.config)

    def train_rounds(self, questions, pixels):
        """The rounds in the training format, and the messages of the finished conversation."""
        said, rounds, marks = [], [], []
        for question in questions:
            said.append({"from": "human", "value": question if said else f"<image>\n{question}"})
            messages = self._multimodal(said)
            heard = "".join(_without_tags(m["value"]).strip() for m in messages[::2])
            rounds.append(self._round([m["value"] for m in messages], heard, marks, pixels))
            said.append({"from": "gpt", "value": rounds[-1]["answer"]})
        return rounds, said

    def cli_rounds(self, questions, pixels):
        """The rounds as fusion/serve/cli.py encodes them."""
        messages, heard, rounds, marks = [], "", [], []
        for question in questions:
            messages.append(question if messages else "<vision_start><image><vision_end>\n" + question)
            heard += messages[-1]
            rounds.append(self._round(messages, _without_tags(heard).strip(), marks, pixels))
            messages.append(self.tokenizer.decode(rounds[-1]["output_ids"]).strip())
        return rounds

    def _round(self, messages, heard, marks, pixels):
        """Asks the last of `messages`; `marks` gains the place of its mark."""
        talk = self.formats.conv_templates[self.template].copy()
        talk.messages = []
        for i, message in enumerate(messages):
            talk.append_message(talk.roles[i % 2], message)
        talk.append_message(talk.roles[1], None)
        prompt = talk.get_prompt()
        ids = self.words.tokenizer_image_token(prompt, self.tokenizer)
        marks.append(len(ids) - 1)
        labels = [MARK if i in marks else IGNORE for i in range(len(ids))]
        instructs = self.tokenizer(heard).input_ids
        model = copy.deepcopy(self.model)  # the reference leaves a request's state on the model object
        result = model.generate(
            inputs=torch.tensor([ids]), images=pixels, instructs=torch.tensor([instructs]),
            labels=torch.tensor([labels]), do_sample=False, num_beams=1, max_new_tokens=self.max_new_tokens,
            return_dict_in_generate=True, output_logits=True, use_cache=True)
        # With Phi, skip_special_tokens leaves the end token: it is in no special map. An answer of training has none.
        answer = [token for token in result.sequences[0].tolist() if token not in self.ends]
        logits = torch.stack(result.logits, dim=1)
        top = logits.topk(2, dim=-1).values
        return {
            "prompt": prompt, "input_ids": ids, "labels": labels, "instruct_ids": instructs,
            "instruct_pos": model.instruct_pos.tolist(), "vision_pos": model.vision_pos.tolist(),
            "output_ids": result.sequences[0].tolist(),
            "answer": self.tokenizer.batch_decode([answer], skip_special_tokens=True)[0].strip(),
            "smallest_top1_top2_gap": (top[..., 0] - top[..., 1]).min().item(), "logits": logits,
        }

    def _multimodal(self, said):
        settings = SimpleNamespace(is_multimodal=True, mm_use_im_start_end=True)
        return self.training["preprocess_multimodal"]([copy.deepcopy(said)], settings)[0]

    def check_labels(self, said, last):
        """The last round must be what training makes of the finished conversation, up to its last question."""
        sample = self.training[TRAINING[self.template]]([self._multimodal(said)], self.tokenizer, has_image=True)
        size = len(last["input_ids"])
        labels = [label if label == MARK else IGNORE for label in sample["labels"][0].tolist()]
        if sample["input_ids"][0].tolist()[:size] != last["input_ids"] or labels[:size] != last["labels"] \
                or MARK in labels[size:] or sample["instructs"][0].tolist() != last["instruct_ids"]:
            raise SystemExit("the rounds are not what training makes of the conversation: choose another seed")


def _without_tags(text):
    for tag in TAGS:
        text = text.replace(tag, "")
    return text


def _functions_of(file, names, known):
    """Functions of a module that cannot be imported without its trainer's packages."""
    tree = ast.parse(file.read_text(), str(file))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    for node in tree.body:
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    exec(compile(tree, str(file), "exec"), known)
    return {name: known[name] for name in names}


def draw_picture(size, seed):
    """A few coloured shapes."""
    generator = torch.Generator().manual_seed(seed + 1)

    def number(low, high):
        return int(torch.randint(low, high, (1,), generator=generator))

    width, height = size
    picture = Image.new("RGB", (width, height), tuple(number(0, 256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for i in range(9):
        x, y = number(0, width), number(0, height)
        box = [x - number(3, width // 2), y - number(3, height // 2), x, y]
        shape = draw.ellipse if i % 2 else draw.rectangle
        shape(box, fill=tuple(number(0, 256) for _ in range(3)))
    return picture


def quieten(model, tokenizer):
    """Random weights babble: tokens that are no text of their own (halves of characters, controls, added tokens but
    those that end an answer) are seldom chosen, so that an answer can be read and asked about."""
    ends = model.config.eos_token_id
    with torch.no_grad():
        for token in range(len(tokenizer)):
            text = tokenizer.decode([token])
            if token not in ends and (token in tokenizer.added_tokens_decoder or "\ufffd" in text
                                      or not text.isprintable()):
                model.lm_head.weight[token] *= QUIET


def _check(rounds, ends):
    gap = min(r["smallest_top1_top2_gap"] for r in rounds)
    if gap < SMALLEST_GAP:
        raise SystemExit(f"the two best tokens of a step are {gap:.1e} apart: choose another seed")
    if not all(r["answer"] and r["answer"].isprintable() and "\ufffd" not in r["answer"] for r in rounds):
        raise SystemExit("an answer is empty or cannot be read: choose another seed")
    if not any(r["output_ids"][-1] in ends for r in rounds[:-1]):
        raise SystemExit("no answer before the last one ends by itself: choose another seed")


def _run(root, model, tokenizer, head, picture):
    """The computed part of conversation.json, and the tensors."""
    talk = Talk(Path(root), model, tokenizer, head["template"], head["max_new_tokens"])
    pixels = talk.pixels(picture)
    rounds, said = talk.train_rounds(head["questions"], pixels)
    talk.check_labels(said, rounds[-1])
    other = talk.cli_rounds(head["questions"], pixels)
    tensors = {"in.images": pixels}
    for i, (ours, theirs) in enumerate(zip(rounds, other)):
        tensors[f"round.{i}.logits"] = ours.pop("logits")
        tensors[f"cli.{i}.logits"] = theirs.pop("logits")[:, :1].contiguous()
    return {"rounds": rounds, "cli_rounds": other}, tensors


def make_conversation(root, spec, out):
    """Makes one conversation folder from its spec; returns what to say about it."""
    torch.set_num_threads(2)
    config, vision = complete_configs(spec)
    source = GOLDENS / "tokenizers" / spec["tokenizer"]
    tokenizer = AutoTokenizer.from_pretrained(source, use_fast=False)
    config["vocab_size"] = len(tokenizer)
    reference = Reference(root, spec["llm"], spec["tower"], vision, spec["query_len_used"], None)
    model = reference.build(config)
    fill_weights(model, spec["seed"])
    quieten(model, tokenizer)
    head = {key: spec[key] for key in ("name", "seed", "llm", "tower", "template", "tokenizer", "query_len_used",
                                       "max_new_tokens", "questions")}
    picture = draw_picture(spec["picture"], spec["seed"])
    facts, tensors = _run(root, model, tokenizer, head, picture)
    _check(facts["rounds"], config["eos_token_id"])
    _check(facts["cli_rounds"], config["eos_token_id"])

    folder = out / spec["name"]
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    for file in source.iterdir():
        if file.name != "golden.json":
            shutil.copyfile(file, folder / file.name)
    picture.save(folder / "picture.png", optimize=True)
    (folder / "vision_config.json").write_text(json.dumps(vision, indent=1))
    (folder / "conversation.json").write_text(json.dumps(head | facts, indent=1, ensure_ascii=False))
    save_file(tensors, folder / "conversation.safetensors")
    for file in folder.iterdir():
        file.chmod(0o644)
    size = sum(file.stat().st_size for file in folder.iterdir())
    gap = min(r["smallest_top1_top2_gap"] for r in facts["rounds"] + facts["cli_rounds"])
    answers = [r["answer"] for r in facts["rounds"]]
    return f"{spec['name']}: {size / 1e6:.2f} MB, gap {gap:.1e}, answers {answers}"


def replay_conversation(root, folder):
    """What the reference gives again: (expected facts, facts, expected tensors, tensors)."""
    torch.set_num_threads(2)
    case = json.loads((folder / "conversation.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    vision = json.loads((folder / "vision_config.json").read_text())
    reference = Reference(root, case["llm"], case["tower"], vision, case["query_len_used"], None)
    model = reference.build(config)
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=False)
    facts, tensors = _run(root, model, tokenizer, case, Image.open(folder / "picture.png"))
    return {key: case[key] for key in facts}, facts, load_file(folder / "conversation.safetensors"), tensors
