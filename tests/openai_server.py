#!/usr/bin/env python3
"""A small server that speaks OpenAI's API well enough for tests, and fails as often and in such ways as it is told to.

    tests/openai_server.py --fail-share 0.2 --fail-modes 429,500,timeout

prints its port on the first line and serves until its standard input ends:

    POST /v1/chat/completions    conversations of canned sentences, in the form that the prompt asks for
    POST /v1/images/generations  pictures of coloured squares, as b64_json or url
    GET  /v1/counts              how many calls came, and how many of them failed, by mode

Everything it says is a function of --seed and the request. Whether it fails is one of --seed, the request and how often
that request came before, so that neither threads nor restarts of the client change it.
"""

import argparse
import base64
import collections
import hashlib
import http.server
import json
import random
import re
import struct
import sys
import threading
import time
import zlib

MODES = {
    "429": "too many requests, with Retry-After: 1",
    "429-date": "the same with a date",
    "500": "an error of the server",
    "503": "an overloaded server",
    "400": "a request that is refused",
    "401": "a key that is refused",
    "404": "a model that is not there",
    "timeout": "says nothing until the client goes",
    "closed": "closes the connection without a word",
    "half-body": "closes it in the middle of the answer",
    "half-json": "an answer whose JSON breaks off",
    "no-choices": "an answer of another form",
    "wrong-schema": "a reply of another form than was asked for",
    "cut-reply": "a reply that breaks off",
    "no-json": "a reply in prose",
    "long": "a reply of a megabyte",
    "huge": "an answer of 100 MB",
}
# Replies that can still be used.
MESSES = ["fence", "prose", "comma", "thoughts"]

COLORS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray"]
THINGS = ["balloon", "car", "house", "cup", "book", "umbrella", "hat", "flower", "fish", "boat", "key", "kite", "shirt",
          "chair", "bus", "bell", "leaf", "lamp", "clock", "table", "bottle", "basket", "bench", "drum"]
PLACES = ["beach", "forest", "street", "park", "kitchen", "garden", "library", "harbour", "meadow", "classroom"]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def range_in(text, pattern, default):
    found = re.search(pattern, text)
    if not found:
        return default
    low = int(found.group(1))
    return low, int(found.group(2) or low)


def padded(sentence, least, most, draw):
    """The sentence with further ones behind it until it has enough words, cut where it has too many."""
    words = sentence.split()
    while len(words) < least:
        words += f"There is also a {draw.choice(COLORS)} {draw.choice(THINGS)} near it.".split()
    return " ".join(words[:most])


def rounds(draw, count, options, least, most):
    things = draw.sample(THINGS, count)
    made = []
    for thing in things:
        color, place = draw.choice(COLORS), draw.choice(PLACES)
        form = draw.randrange(3)
        if options:
            choices = draw.sample([c for c in COLORS if c != color], options - 1)
            choices.insert(draw.randrange(options), color)
            made.append({"question": f"Which color has the {thing}?", "options": choices, "answer": color})
        elif least <= 1 and form == 0:
            made.append({"question": f"What color is the {thing}?", "answer": color.capitalize()})
        elif least <= 1 and form == 1:
            made.append({"question": f"How many of the {thing}s can be seen?",
                         "answer": draw.choice(NUMBERS).capitalize()})
        else:
            made.append({"question": f"What can be seen around the {thing}?",
                         "answer": padded(f"A {color} blanket lies beside it in the {place}.", least, most, draw)})
    return made


def reply_to(prompt, draw):
    if '"score"' in prompt:
        return {"score": draw.randrange(11)}
    if '"descriptions"' in prompt:
        count, _ = range_in(prompt, r"exactly (\d+)() in the list", (1, 1))
        return {"descriptions": [
            f"In a {draw.choice(PLACES)}, a {draw.choice(COLORS)} {draw.choice(THINGS)} stands to the left of "
            f"{draw.choice(NUMBERS)} {draw.choice(COLORS)} {draw.choice(THINGS)}s, and a small "
            f"{draw.choice(COLORS)} {draw.choice(THINGS)} lies in front of them." for _ in range(count)]}
    low, high = range_in(prompt, r"conversation has (\d+)(?: to (\d+))? questions", (1, 1))
    options, _ = range_in(prompt, r"exactly (\d+)() options", (0, 0))
    least, most = range_in(prompt, r"answer has (\d+) to (\d+) words", (1, 50))
    return {"conversation": rounds(draw, draw.randint(low, high), options, least, most)}


def messed(text, mess):
    if mess == "fence":
        return f"```json\n{text}\n```"
    if mess == "prose":
        return f"Certainly! Here it is:\n\n{text}\n\nLet me know if you need {{more}}."
    if mess == "thoughts":
        return f"<think>They want {{JSON}}. Easy.</think>\n{text}"
    return re.sub(r"([}\]])", r",\1", text).replace("{,", "{").replace("[,", "[")


def png(width, height, draw):
    """Squares of random colours."""
    side = max(width, height) // 8 + 1
    rows = []
    for top in range(0, height, side):
        row = b"".join(bytes(draw.randrange(256) for _ in range(3)) * side for _ in range(0, width, side))[: 3 * width]
        rows.append((b"\0" + row) * min(side, height - top))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) +
            chunk(b"IEND", b""))


class State:
    """What the calls share."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.seen = collections.Counter()
        self.counts = collections.Counter()
        self.failed = collections.Counter()
        self.pictures = {}

    def mode_for(self, path, body):
        """How this call fails; "" where it does not."""
        key = hashlib.sha256(path.encode() + body).hexdigest()
        with self.lock:
            self.counts[path.rsplit("/", 2)[-2]] += 1
            self.seen[key] += 1
            draw = random.Random(f"{self.options.seed} {key} {self.seen[key]}")
            mode = ""
            if sum(self.counts.values()) <= self.options.fail_first or draw.random() < self.options.fail_share:
                mode = draw.choice(self.options.fail_modes)
                self.failed[mode] += 1
            return mode


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    state = None

    def log_message(self, *_):
        pass

    def send(self, status, body, headers=(), content_type="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def refuse(self, status, message, headers=()):
        self.send(status, {"error": {"message": message, "type": "test"}}, headers)

    def do_GET(self):
        state = self.state
        if self.path == "/v1/counts":
            with state.lock:
                self.send(200, {"calls": dict(state.counts), "failed": dict(state.failed)})
        elif self.path in state.pictures:
            self.send(200, state.pictures[self.path], content_type="image/png")
        else:
            self.refuse(404, "nothing here")

    def do_POST(self):
        state = self.state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if state.options.key and self.headers.get("Authorization") != f"Bearer {state.options.key}":
            return self.refuse(401, f"Incorrect API key: {self.headers.get('Authorization')}")
        mode = state.mode_for(self.path, body)
        if self.fail(mode):
            return None
        request = json.loads(body)
        draw = random.Random(f"{state.options.seed} {body!r}")
        if request.get("model") != state.options.model:
            return self.refuse(404, f"The model {request.get('model')} does not exist")
        if self.path == "/v1/chat/completions":
            return self.chat(request, mode, draw)
        if self.path == "/v1/images/generations":
            return self.image(request, mode, draw)
        return self.refuse(404, "no such path")

    def fail(self, mode):
        """Fails before the request is even looked at. Returns whether it did."""
        statuses = {"500": "internal error", "503": "overloaded", "400": "bad request", "401": "bad key",
                    "404": "no such model"}
        if mode in statuses:
            self.refuse(int(mode), statuses[mode])
        elif mode == "429":
            self.refuse(429, "slow down", [("Retry-After", "1")])
        elif mode == "429-date":
            self.refuse(429, "slow down", [("Retry-After", self.date_time_string(int(time.time()) + 2))])
        elif mode == "timeout":
            self.rfile.read(1)
            self.close_connection = True
        elif mode == "closed":
            self.close_connection = True
        elif mode == "half-body":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"choices": [{"mess')
            self.close_connection = True
        elif mode == "half-json":
            self.send(200, b'{"choices": [{"message": {"content": "abc')
        elif mode == "no-choices":
            self.send(200, {"result": "fine"})
        elif mode == "huge":
            self.send(200, b" " * 100_000_000)
        else:
            return False
        return True

    def chat(self, request, mode, draw):
        content = request["messages"][0]["content"]
        prompt = content if isinstance(content, str) else content[-1]["text"]
        text = json.dumps(reply_to(prompt, draw), indent=draw.choice([None, 2]))
        if draw.random() < self.state.options.mess_share:
            text = messed(text, draw.choice(MESSES))
        text = {"wrong-schema": '{"questions": ["What?"], "answers": ["That."]}', "no-json": "I would rather not.",
                "cut-reply": text[: len(text) * 2 // 3], "long": text[:-1] + " " + "again " * 170_000}.get(mode, text)
        answer = {"id": "1", "object": "chat.completion", "model": request["model"],
                  "choices": [{"index": 0, "message": {"role": "assistant", "content": text},
                               "finish_reason": "length" if mode in ("cut-reply", "long") else "stop"}]}
        if not self.state.options.no_usage:
            answer["usage"] = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4}
        self.send(200, answer)

    def image(self, request, mode, draw):
        width, height = (int(side) for side in request["size"].split("x"))
        data = png(width, height, draw)
        if mode in ("wrong-schema", "no-json", "cut-reply", "long"):
            data = data[: len(data) // 2]
        if self.state.options.picture_url:
            path = f"/pictures/{hashlib.sha256(data).hexdigest()}.png"
            self.state.pictures[path] = data
            host = self.state.options.picture_host or f"{self.headers['Host']}"
            self.send(200, {"data": [{"url": f"http://{host}{path}"}]})
        else:
            self.send(200, {"data": [{"b64_json": base64.b64encode(data).decode()}]})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Clients that go are nothing to tell of."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="test", help="the only one that is there")
    parser.add_argument("--key", default="", help="the only one that is taken; none: any")
    parser.add_argument("--fail-share", type=float, default=0, help="of the calls, 0 to 1")
    parser.add_argument("--fail-first", type=int, default=0, help="the first so many calls fail whatever the share")
    parser.add_argument("--fail-modes", default="500", type=lambda text: text.split(","),
                        help="; ".join(f"{mode}: {meaning}" for mode, meaning in MODES.items()))
    parser.add_argument("--mess-share", type=float, default=0, help="of the replies that need mending")
    parser.add_argument("--no-usage", action="store_true", help="count no tokens")
    parser.add_argument("--picture-url", action="store_true", help="give addresses of pictures in place of them")
    parser.add_argument("--picture-host", default="", help="HOST:PORT in those addresses, in place of its own")
    options = parser.parse_args()
    unknown = [mode for mode in options.fail_modes if mode not in MODES]
    if unknown:
        parser.error(f"--fail-modes: {', '.join(unknown)}: no such mode")

    Handler.state = State(options)
    server = Server(("127.0.0.1", options.port), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
