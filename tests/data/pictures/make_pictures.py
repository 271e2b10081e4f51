"""Makes the picture files of this folder and expected.safetensors, what Pillow reads from them.

    pip install pillow==13.0.0 numpy && python make_pictures.py

expected.safetensors holds, for each NAME, `NAME.own`: the pixels in the picture's own mode after exif_transpose, uint8
(height, width, bytes of a pixel), and `NAME.rgb`: the same after convert("RGB"). Its metadata names the mode of each.

resized.safetensors holds, for each of the `cases` in its metadata (a JSON list), `NAME.input` and what Pillow's bicubic
resize makes of it, `NAME.result`. Cases with `across_first` were resized in two steps, as Pillow before 13 does in one.
"""

import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 21, 13  # odd, and no multiple of a JPEG block


def scene(channels, width=WIDTH, height=HEIGHT):
    """A gradient with a few edges: smooth enough for JPEG, with no symmetry that would hide a wrong turn."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 11 + y * 3, y * 17 + x, (x * y) % 256, 255 - (x * 6 + y * 9) % 200]
    picture = np.stack([planes[c] % 256 for c in range(channels)], -1).astype(np.uint8)
    picture[2:6, 3:9] = 250
    picture[8:11, 12:20, 0] = 5
    return picture


def exif_bytes(orientation, order):
    """An EXIF block with another entry before the orientation, in the byte order '<' or '>'."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHII", 0x0100, 4, 1, WIDTH)
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + struct.pack(order + "IH", 8, 2) + entries + struct.pack(order + "I", 0)


def saved(array, kind, mode=None, **options):
    out = io.BytesIO()
    image = Image.fromarray(array.squeeze()) if mode is None else Image.frombytes(
        mode, (array.shape[1], array.shape[0]), array.tobytes())
    image.save(out, kind, **options)
    return out.getvalue()


def pack_row(samples, depth):
    """One row of samples (pixels, channels) as PNG stores it."""
    flat = samples.reshape(-1).astype(np.uint16)
    if depth == 16:
        return flat.astype(">u2").tobytes()
    if depth == 8:
        return flat.astype(np.uint8).tobytes()
    per_byte = 8 // depth
    flat = np.append(flat, np.zeros(-len(flat) % per_byte, np.uint16)).reshape(-1, per_byte)
    shifts = 8 - depth * (np.arange(per_byte) + 1)
    return (flat << shifts).sum(1).astype(np.uint8).tobytes()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, depth, colour, interlaced=False, extra=(), late=()):
    """A PNG of any kind, which Pillow cannot write: `samples` (height, width, channels) integers of `depth` bits."""
    height, width = samples.shape[:2]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for left, top, step_x, step_y in passes if interlaced else [(0, 0, 1, 1)]:
        for row in samples[top::step_y, left::step_x]:
            if row.size:
                rows += b"\0" + pack_row(row, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = b"".join(chunk(*c) for c in extra) + chunk(b"IDAT", zlib.compress(rows)) + b"".join(chunk(*c) for c in late)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def make_jpegs():
    rgb, cmyk = scene(3), scene(4)
    yield "baseline_420.jpg", saved(rgb, "JPEG", quality=85, subsampling=2)
    yield "baseline_422.jpg", saved(rgb, "JPEG", quality=60, subsampling=1)
    yield "baseline_444.jpg", saved(rgb, "JPEG", quality=97, subsampling=0)
    yield "progressive.jpg", saved(rgb, "JPEG", quality=80, progressive=True)
    yield "restarts.jpg", saved(rgb, "JPEG", quality=80, restart_marker_blocks=1)
    yield "rgb_stored.jpg", saved(rgb, "JPEG", quality=90, keep_rgb=True)
    yield "grey.jpg", saved(scene(1), "JPEG", quality=80)
    yield "grey_progressive.jpg", saved(scene(1), "JPEG", quality=80, progressive=True)
    adobe = saved(cmyk, "JPEG", "CMYK", quality=90)
    yield "cmyk.jpg", adobe
    # YCCK differs in one byte, the transform of the Adobe marker.
    at = adobe.index(b"Adobe") + 11
    yield "ycck.jpg", adobe[:at] + b"\2" + adobe[at + 1:]
    yield "one_pixel.jpg", saved(rgb[:1, :1], "JPEG")
    for n in range(1, 9):
        yield f"turned_{n}.jpg", saved(rgb, "JPEG", quality=80, exif=exif_bytes(n, "<>"[n % 2]))
    plain = saved(rgb, "JPEG", quality=80)
    for name, block in broken_exif():
        yield f"exif_{name}.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]


def broken_exif():
    """EXIF that states no usable orientation; Pillow is not asked about these, upright is the right answer."""
    whole = exif_bytes(6, "<")
    yield "cut", whole[:20]
    yield "count_lies", whole[:14] + b"\xff\xff" + whole[16:28] + b"\0" * 8
    yield "offset_lies", whole[:10] + b"\xf0\xff\xff\xff" + whole[14:]
    yield "nine", exif_bytes(9, "<")


def make_pngs():
    rng = np.random.default_rng(7)
    for depth in (1, 2, 4, 8, 16):
        grey = rng.integers(0, 1 << depth, (HEIGHT, WIDTH, 1))
        if depth == 16:
            grey[:5] //= 300
        yield f"grey_{depth}.png", png(grey, depth, 0)
        yield f"grey_{depth}_interlaced.png", png(grey, depth, 0, interlaced=True)
    for depth in (1, 2, 4, 8):
        colours = 1 << depth
        indices = rng.integers(0, colours, (HEIGHT, WIDTH, 1))
        plte = (b"PLTE", rng.integers(0, 256, 3 * colours, dtype=np.uint8).tobytes())
        trns = (b"tRNS", rng.integers(0, 256, colours // 2, dtype=np.uint8).tobytes())
        yield f"palette_{depth}.png", png(indices, depth, 3, extra=[plte, trns])
        yield f"palette_{depth}_interlaced.png", png(indices, depth, 3, interlaced=True, extra=[plte])
    short = (b"PLTE", rng.integers(0, 256, 3 * 5, dtype=np.uint8).tobytes())
    yield "palette_too_short.png", png(rng.integers(0, 9, (HEIGHT, WIDTH, 1)), 8, 3, extra=[short])
    for depth in (8, 16):
        for name, colour, channels in (("rgb", 2, 3), ("grey_alpha", 4, 2), ("rgba", 6, 4)):
            samples = rng.integers(0, 1 << depth, (HEIGHT, WIDTH, channels))
            yield f"{name}_{depth}.png", png(samples, depth, colour)
            yield f"{name}_{depth}_interlaced.png", png(samples, depth, colour, interlaced=True)
    rgb = scene(3)
    key = struct.pack(">HHH", *[int(v) for v in rgb[0, 0]])
    yield "rgb_colour_key.png", png(rgb, 8, 2, extra=[(b"tRNS", key)])
    yield "one_pixel.png", png(rgb[:1, :1], 8, 2)
    yield "one_column.png", png(scene(1, 1, 40), 8, 0)
    yield "one_row.png", png(scene(4, 40, 1), 8, 6)
    for n in range(1, 9):
        exif = (b"eXIf", exif_bytes(n, "<>"[n % 2])[6:])
        yield f"turned_{n}.png", png(rgb, 8, 2, extra=[exif] if n % 2 else [], late=[] if n % 2 else [exif])


def make_webps():
    rgb, rgba = scene(3), scene(4)
    yield "lossy.webp", saved(rgb, "WEBP", quality=70)
    yield "lossy_alpha.webp", saved(rgba, "WEBP", quality=70)
    yield "lossless.webp", saved(rgb, "WEBP", lossless=True)
    yield "lossless_alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True)
    yield "one_pixel.webp", saved(rgb[:1, :1], "WEBP", lossless=True)
    for n in range(1, 9):
        yield f"turned_{n}.webp", saved(rgb, "WEBP", lossless=True, exif=exif_bytes(n, "<>"[n % 2]))
    for name, array in (("animated", rgb), ("animated_alpha", rgba)):
        frames = [Image.fromarray(array), Image.fromarray(255 - array)]
        out = io.BytesIO()
        frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
        yield f"{name}.webp", out.getvalue()


def own_pixels(image):
    if image.mode == "1":
        image = image.convert("L")
    size = {"P": 1, "L": 1, "LA": 2, "I;16": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[image.mode]
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width, size)


def resized():
    """Random pictures of every mode, as arrays by name, and the list of cases."""
    rng = np.random.default_rng(11)
    sizes = {"1": 1, "L": 1, "LA": 2, "P": 1, "RGB": 3, "RGBA": 4, "CMYK": 4, "I;16": 2}
    arrays, cases = {}, []
    for i in range(96):
        mode = list(sizes)[i % 8]
        across_first = mode == "RGB" and i % 16 == 4
        width, height, to_width, to_height = (int(rng.choice([1, 2, *range(3, 32)])) for _ in range(4))
        if across_first:
            height, to_height = 31, 7  # where Pillow 13 would begin with the height
        pixels = rng.integers(0, 256, (height, width, sizes[mode]), dtype=np.uint8)
        if i % 3 == 0 or mode == "1":
            pixels = np.where(pixels > 127, 255, 0).astype(np.uint8)
        if mode == "1":
            image = Image.fromarray(pixels[..., 0]).convert("1", dither=Image.Dither.NONE)
        else:
            image = Image.frombytes(mode, (width, height), pixels.tobytes())
        if across_first:
            image = image.resize((to_width, height), Image.Resampling.BICUBIC)
        image = image.resize((to_width, to_height), Image.Resampling.BICUBIC)
        name = f"{i:02}"
        arrays[f"{name}.input"], arrays[f"{name}.result"] = pixels, own_pixels(image)
        cases.append({"name": name, "mode": mode, "across_first": across_first})
    return arrays, {"cases": json.dumps(cases)}


def write_safetensors(path, arrays, metadata):
    header, at = {"__metadata__": metadata}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "U8", "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(a.tobytes() for a in arrays.values()))


def main():
    arrays, modes = {}, {}
    for name, data in [*make_jpegs(), *make_pngs(), *make_webps()]:
        (HERE / name).write_bytes(data)
        if name.startswith("exif_"):
            continue
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        arrays[f"{name}.own"] = own_pixels(image)
        arrays[f"{name}.rgb"] = np.asarray(image.convert("RGB"))
        modes[name] = image.mode
    write_safetensors(HERE / "expected.safetensors", arrays, modes)
    write_safetensors(HERE / "resized.safetensors", *resized())


if __name__ == "__main__":
    main()
