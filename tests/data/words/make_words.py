#!/usr/bin/env python3
"""Makes the fixtures of this folder: texts, and what the reference tokenizers make of them.

    pip install transformers==4.48.1 tokenizers==0.21.4 sentencepiece==0.2.3 protobuf numpy mistral-common==1.13.1
    make_words.py here [--reference FUSION_CHECKOUT]       the committed files
    make_words.py real FOLDER...                           FOLDER/words.json beside the tokenizer files of each folder
    make_words.py llama3 TIKTOKEN_FILE FOLDER              a tokenizer.json from LLaMA-3's tiktoken file, for `real`

texts.json holds the texts as hexadecimal bytes, since some are not UTF-8. A words.json holds the ids of every text, and
id lists with their decoded text (with and without special tokens). phi_form/tokenizer.model is Mistral 7B's, Apache-2.0,
from the package mistral-common; bpe_form/tokenizer.json is trained here, on Python's own help texts.
"""
import argparse
import ast
import base64
import copy
import importlib.util
import json
import pydoc_data.topics
import random
import shutil
import subprocess
import sys
import types
from pathlib import Path

HERE = Path(__file__).parent
GOLDENS = HERE.parents[2] / "parity/goldens/tokenizers"
LLAMA3_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                r"|\s*[\r\n]+|\s+(?!\S)|\s+")
WORDS = [
    "hello world", "  two  spaces ", "\ttab\t\ttabs", "\r\n\r\n", "\n \n\t", "你好，世界！今天天气很好。",
    "日本語のテキストとカタカナ", "한국어 텍스트", "مرحبا بالعالم ٱلسَّلَامُ", "שלום עולם", "हिन्दी में पाठ", "ภาษาไทย",
    "👨‍👩‍👧‍👦 family 👩🏽‍💻", "🏳️‍🌈🇩🇪", "e\u0301a\u0308o\u0302", "n\u0303\u0304",
    "def f(x):\n    return x**2  # comment\n", "for (int i=0;i<n;++i) { a[i] += b[i]; }",
    '<html><body class="x">&amp;</body></html>', "12345678901234 3.14159 ½ ² Ⅷ ٣٤", "don't we'll I'M YOU'RE 'ſ 'S",
    "\u180e\u200b\u00a0\u3000\u2028x\u2029\u0085y\x1c\x1d", "\ufeffBOM", "▁ ▁▁under ▁", "  ▁x",
    "a . b ? c ! d , e ' f n't i 'm s 's ve 've re 're", "\x00\x01\x7f", "ﬀ ﬁ ① ㎏ ｆｕｌｌ", "𝔘𝔫𝔦 𐍈𐌰", "ﷺ", "🂡🀄",
    "ᚠᛇᚻ", "Ωμέγα Привет", "I ♥ U™ ©", "x" * 70, "ab" * 40, " " * 40, "\n" * 10, "'" * 10, "<unk>", "<s>", "</s>",
    "\ufffd", "<0x0A>", "⁇", "..."]
RANGES = [(32, 126), (32, 126), (0, 31), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF), (0x900, 0xDFF),
          (0x1E00, 0x20FF), (0x2100, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFFFF),
          (0x1F300, 0x1FAFF), (0x10000, 0x10FFF), (0x20000, 0x2A6DF), (0xE0000, 0xE01FF)]
SPACES = ["", " ", "  ", "\n", " \n", "\t", "\n\n", "\u3000", "\u00a0", "\x1c", "x", "X ", "é"]
ADDED = ["<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>", "<vision_start>", "<vision_end>", "</s>",
         "<unk>", "<s>", "<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<left>",
         "<right>", "<word>", "<plain>", "[PAD]", "<|placeholder1|>"]


def random_text(rng):
    kind = rng.random()
    if kind < 0.3:
        return "".join(map(chr, (rng.randint(*rng.choice(RANGES)) for _ in range(rng.randint(1, 25)))))
    if kind < 0.55:
        return rng.choice(SPACES).join(rng.choice(WORDS) for _ in range(rng.randint(1, 3)))
    if kind < 0.9:
        return "".join(rng.choice([rng.choice(ADDED), rng.choice(SPACES), rng.choice(WORDS)[:rng.randint(0, 12)],
                                   rng.choice(ADDED) + rng.choice(SPACES)]) for _ in range(rng.randint(1, 7)))
    if kind < 0.95:
        token = rng.choice(ADDED)
        at = rng.randint(0, len(token))
        return token[:at] + rng.choice(SPACES + ADDED) + token[at:]
    return "".join(rng.choice(" .,?!'ntmsver abc") for _ in range(rng.randint(1, 30)))


def broken_text(rng):
    data = bytearray("héllo 你好 👨‍👩 world".encode())
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data))
        if rng.random() < 0.5:
            data[at] = rng.randrange(256)
        elif len(data) > 1:
            del data[at]
    return bytes(data)


def make_texts():
    rng = random.Random(20250412)
    texts = [""] + WORDS
    while len(texts) < 2000:
        texts.append(random_text(rng))
    known = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xf0\x9f\x91", b"ab\x80cd"]
    return [t.encode() for t in texts] + known + [broken_text(rng) for _ in range(200)]


def load(folder):
    from transformers import AutoTokenizer
    return AutoTokenizer.from_pretrained(folder, use_fast=False)


def words_of(folder, texts):
    tokenizer = load(folder)
    ids = [tokenizer(t.decode("utf8", "replace")).input_ids for t in texts]
    rng = random.Random(7)
    size = len(tokenizer)
    added = list(tokenizer.added_tokens_decoder)
    decoded = []
    for _ in range(600):
        pick = [lambda: rng.randrange(size), lambda: rng.choice(added), lambda: rng.randrange(min(size, 300)),
                lambda: rng.choice(rng.choice(ids) or [0])]
        row = [rng.choice(pick)() for _ in range(rng.randint(0, 12))]
        decoded.append([row, tokenizer.decode(row), tokenizer.decode(row, skip_special_tokens=True)])
    roles = {role: getattr(tokenizer, role + "_token_id") for role in ("bos", "eos", "pad", "unk")}
    return {"size": size, "roles": roles, "ids": ids, "decoded": decoded}


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def make_phi_form(folder):
    package = Path(importlib.util.find_spec("mistral_common").origin).parent
    shutil.copy(package / "data/tokenizer.model.v1", folder / "tokenizer.model")
    config = json.loads((GOLDENS / "phi_like/tokenizer_config.json").read_text())
    shift = lambda i: i if i < 460 else i - 460 + 32000
    config["added_tokens_decoder"] = {str(shift(int(i))): t for i, t in config["added_tokens_decoder"].items()}
    write(folder / "tokenizer_config.json", config)
    shutil.copy(GOLDENS / "phi_like/special_tokens_map.json", folder)


def make_llama2_form(folder):
    """The older style of folder, legacy tokenizer; the test adds phi_form's tokenizer.model."""
    roles = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "[PAD]"}
    write(folder / "tokenizer_config.json", {"add_bos_token": True, "legacy": True, "tokenizer_class": "LlamaTokenizer",
                                             "model_max_length": 4096, **roles})
    write(folder / "special_tokens_map.json", roles)
    write(folder / "added_tokens.json", {"[PAD]": 32000, "<plain>": 32001})


def make_bpe_form(folder):
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA3_SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=4000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    tokenizer.train_from_iterator(list(pydoc_data.topics.topics.values()) + WORDS * 20, trainer)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>",
                                  "<|eot_id|>", "<vision_start>", "<vision_end>"])
    tokenizer.add_tokens([AddedToken("<left>", lstrip=True), AddedToken("<right>", rstrip=True, normalized=False),
                          AddedToken("<word>", single_word=True), AddedToken("<plain>", normalized=False)])
    bos = "<|begin_of_text|>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, tokenizer.token_to_id(bos))])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(tokenizer.to_str())
    write(folder / "tokenizer_config.json", {"bos_token": bos, "eos_token": "<|eot_id|>", "clean_up_tokenization_spaces":
                                             True, "model_max_length": 8192, "tokenizer_class": "PreTrainedTokenizerFast"})


def make_digits_form(folder):
    """GPT-2's expression after single digits, as SmolLM2's file has it, and merges as pairs."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  special_tokens=["<|endoftext|>"], show_progress=False)
    tokenizer.train_from_iterator(WORDS, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(tokenizer.to_str())
    write(folder / "tokenizer_config.json", {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token":
                                             "<|endoftext|>", "tokenizer_class": "PreTrainedTokenizerFast"})


class Reference:
    """Functions of a FUSION checkout, run with numpy in the place of torch."""

    def __init__(self, checkout):
        import numpy

        class Array(numpy.ndarray):
            def clone(self):
                return self.copy()

            def ne(self, value):
                return self != value

        as_array = lambda x, dtype=None: numpy.array(x, dtype=numpy.int64).view(Array)
        torch = types.SimpleNamespace(long=None, tensor=as_array, stack=lambda rows, dim: as_array(rows))
        self.templates = types.ModuleType("templates")
        sys.modules["templates"] = self.templates
        source = self.source(checkout, "fusion/conversation.py").split("if __name__")[0]
        marks = {"DEFAULT_IM_START_TOKEN": "<vision_start>", "DEFAULT_IM_END_TOKEN": "<vision_end>",
                 "DEFAULT_LATENT_IMAGE_TOKEN": "<latent_image>", "DEFAULT_IMAGE_TOKEN": "<image>"}
        self.templates.__dict__.update(marks)
        lines = [line for line in source.split("\n") if not line.startswith(("from PIL", "from fusion"))]
        exec("\n".join(lines), self.templates.__dict__)
        self.names = dict(marks, torch=torch, transformers=types.SimpleNamespace(PreTrainedTokenizer=None),
                          conversation_lib=self.templates, IGNORE_INDEX=-100, IMAGE_TOKEN_INDEX=-200,
                          LATENT_IMAGE_TOKEN_INDEX=-300, INSTRUCT_INDEX=-400, IS_TOKENIZER_GREATER_THAN_0_14=True,
                          print=lambda *_: None)
        self.take(checkout, "fusion/mm_utils.py", ["tokenizer_latent_token", "tokenizer_image_token"])
        self.take(checkout, "fusion/train/train.py", ["preprocess_multimodal", "preprocess_phi_3", "preprocess_llama_3"])

    @staticmethod
    def source(checkout, path):
        return subprocess.run(["git", "-C", checkout, "show", "HEAD:" + path], capture_output=True, text=True,
                              check=True).stdout

    def take(self, checkout, path, names):
        tree = ast.parse(self.source(checkout, path))
        tree.body = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in names]
        for function in tree.body:
            function.returns = None
            for argument in function.args.args:
                argument.annotation = None
        exec(compile(tree, path, "exec"), self.names)

    def prompts(self):
        said = [["What is it?", "A bird."], ["How many\nwings?", "Two. "], ["Why <b>?", "So."]]
        rows = []
        for name, template in self.templates.conv_templates.items():
            for rounds in (1, 3):
                for open_end in (True, False):
                    if template.sep_style.name == "PLAIN" and (rounds > 1 or not open_end):
                        continue  # it has no second separator: the reference cannot write an answer
                    conv = template.copy()
                    for i, (question, answer) in enumerate(said[:rounds]):
                        conv.append_message(conv.roles[0], question)
                        conv.append_message(conv.roles[1], None if open_end and i + 1 == rounds else answer)
                    rows.append({"template": name, "said": said[:rounds], "open_end": open_end,
                                 "prompt": conv.get_prompt()})
        return rows

    def training(self, folder, template, count):
        tokenizer = load(folder)
        self.templates.default_conversation = conv = self.templates.conv_templates[template]
        marks = ["<image>", "<latent_image>", "<vision_start>", "<vision_end>", conv.sep, *conv.roles]
        rng = random.Random(3)
        rows = []
        while len(rows) < count:
            has_image = rng.random() < 0.6
            said = []
            for _ in range(rng.randint(1, 3)):
                for speaker in ("human", "gpt"):
                    value = random_text(rng)[:40] if rng.random() < 0.5 else rng.choice(WORDS)
                    if rng.random() < 0.1:
                        at = rng.randint(0, len(value))
                        value = value[:at] + rng.choice(marks) + value[at:]
                    said.append({"from": speaker, "value": value})
            if has_image:
                said[0]["value"] = rng.choice(["<image>\n%s", "%s\n<image>", "<image>%s"]) % said[0]["value"]
            sources = [copy.deepcopy(said)]
            if has_image:
                settings = types.SimpleNamespace(is_multimodal=True, mm_use_im_start_end=True)
                sources = self.names["preprocess_multimodal"](sources, settings)
            out = self.names["preprocess_" + template](sources, tokenizer, has_image=has_image)
            rows.append({"conversations": said, "has_image": has_image, "input_ids": out["input_ids"][0].tolist(),
                         "labels": out["labels"][0].tolist(), "instructs": out["instructs"][0].tolist()})
        return rows


def make_here(checkout):
    texts = make_texts()
    write(HERE / "texts.json", [t.hex() for t in texts])
    for name, make in {"phi_form": make_phi_form, "llama2_form": make_llama2_form, "bpe_form": make_bpe_form,
                       "digits_form": make_digits_form}.items():
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        make(folder)
        borrowed = None
        if name == "llama2_form":
            borrowed = shutil.copy(HERE / "phi_form/tokenizer.model", folder)
        write(folder / "words.json", words_of(folder, texts))
        if borrowed:
            Path(borrowed).unlink()
    if checkout:
        reference = Reference(checkout)
        write(HERE / "prompts.json", reference.prompts())
        write(HERE / "training_phi_like.json", reference.training(GOLDENS / "phi_like", "phi_3", 150))
        write(HERE / "training_llama3_like.json", reference.training(GOLDENS / "llama3_like", "llama_3", 60))


def make_llama3(tiktoken_file, folder):
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = {b: chr(b) for b in printable}
    alphabet |= {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in printable)}
    spell = lambda token: "".join(alphabet[b] for b in token)
    ranks = {base64.b64decode(a): int(b) for a, b in (line.split() for line in open(tiktoken_file, "rb"))}
    merges = [(ranks[t], ranks[t[:i]], ranks[t[i:]], spell(t[:i]) + " " + spell(t[i:]))
              for t in ranks for i in range(1, len(t)) if t[:i] in ranks and t[i:] in ranks]
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
             "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>",
             "<|eom_id|>", "<|eot_id|>", "<|python_tag|>"]
    names += [f"<|reserved_special_token_{i}|>" for i in range(3, 248)] + ["<vision_start>", "<vision_end>"]
    file = json.loads((GOLDENS / "llama3_like/tokenizer.json").read_text())
    file["model"]["vocab"] = {spell(t): i for t, i in ranks.items()}
    file["model"]["merges"] = [merge[3] for merge in sorted(merges)]
    flags = {k: v for k, v in file["added_tokens"][0].items() if k not in ("id", "content")}
    file["added_tokens"] = [{"id": 128000 + i, "content": c, **flags} for i, c in enumerate(names)]
    file["post_processor"]["processors"][1]["special_tokens"]["<|begin_of_text|>"]["ids"] = [128000]
    write(folder / "tokenizer.json", file)
    config = json.loads((GOLDENS / "llama3_like/tokenizer_config.json").read_text())
    config["added_tokens_decoder"] = {str(128000 + i): {"content": c, **flags} for i, c in enumerate(names)}
    write(folder / "tokenizer_config.json", config)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("here").add_argument("--reference", help="git checkout of the reference implementation")
    commands.add_parser("real").add_argument("folders", nargs="+", type=Path)
    llama3 = commands.add_parser("llama3")
    llama3.add_argument("tiktoken_file")
    llama3.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.command == "here":
        make_here(options.reference)
    elif options.command == "llama3":
        make_llama3(options.tiktoken_file, options.folder)
    else:
        texts = [bytes.fromhex(t) for t in json.loads((HERE / "texts.json").read_text())]
        for folder in options.folders:
            write(folder / "words.json", words_of(folder, texts))


if __name__ == "__main__":
    main()
