"""Changes of a file or a line that somebody else may have sent."""

import hashlib
import json
import math
import random
import re
import struct
from collections.abc import Callable, Sequence

Mutate = Callable[[bytes, Sequence[bytes], random.Random], bytes]

BYTES = (
    b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff" * 8, b"\0" * 8, struct.pack("<d", math.nan),
    struct.pack("<d", 1e308), struct.pack("<f", math.inf),
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1", "2147483648", "18446744073709551616", "1e308", "-1e308", "1e-320", "nan",
    "inf", "0.5", "1e6", "9" * 400,
)  # fmt: skip
TEXTS = (
    "", "x", "\x1b[2J", "../../etc/passwd", "A" * 5000, "\u202e", "ÄÖ", "{" * 2000, "[" * 2000,
)  # fmt: skip
VALUES = (
    0, -1, 1, 2**31, 2**64, 1e308, -1e308, 5e-324, 1e-6, 0.5, 1e6, None, True, "", "x", [], {},
    [[]], "A" * 5000, "((((.+)+)+)+)+x",
)  # fmt: skip


def any_bytes(content: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """Flip, replace, insert, cut, repeat or splice bytes."""
    out = bytearray(content or b"\0")
    at = rng.randrange(len(out))
    n = min(rng.choice((1, 1, 4, 16, 200)), len(out) - at)
    kind = rng.randrange(7)
    if kind == 0:
        out[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        out[at : at + n] = rng.randbytes(n)
    elif kind == 2:
        out[at:at] = rng.choice((*BYTES, rng.randbytes(n)))
    elif kind == 3:
        del out[at : at + n]
    elif kind == 4:
        out[at:at] = out[at : at + n] * rng.choice((1, 2, 50))
    elif kind == 5:
        known = rng.choice(BYTES)
        out[at : at + len(known)] = known
    else:
        other = rng.choice(corpus)
        out[at:] = other[rng.randrange(len(other) + 1) :]
    return bytes(out)


def any_text(content: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """Replace a number, a word or a whole line; repeat or drop a line; or any bytes."""
    text, kind = content.decode("utf-8", "replace"), rng.randrange(6)
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    if kind == 0:
        lines[at] = _replaced(r"-?\d+(\.\d+)?", rng.choice(NUMBERS), lines[at], rng)
    elif kind == 1:
        lines[at] = _replaced(r"\w+", rng.choice(TEXTS), lines[at], rng)
    elif kind == 2:
        other = rng.choice(corpus).decode("utf-8", "replace").split("\n")
        lines.insert(at, rng.choice(other))
    elif kind == 3:
        lines[at : at + 1] = [lines[at]] * rng.choice((0, 2, 20))
    elif kind == 4:
        lines[at] = _replaced(r"[^\w\s]", rng.choice("\"'[]{}=,/#\\"), lines[at], rng)
    else:
        return any_bytes(content, corpus, rng)
    return "\n".join(lines).encode("utf-8", "replace")


def _replaced(pattern: str, new: str, line: str, rng: random.Random) -> str:
    found = list(re.finditer(pattern, line))
    if not found:
        return line + new
    one = rng.choice(found)
    return line[: one.start()] + new + line[one.end() :]


def xdf(content: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """Change a header's field, the order of chunks, a count, a stamp; or any bytes."""
    pieces = list(_chunks(content))
    if not pieces or rng.random() < 0.3:
        return any_bytes(content, corpus, rng)
    at = rng.randrange(len(pieces))
    tag, body = pieces[at]
    kind = rng.randrange(5)
    if kind == 0:
        pieces.insert(rng.randrange(len(pieces)), pieces.pop(at))
    elif kind == 1:
        pieces[at : at + 1] = [(tag, body)] * rng.choice((0, 2, 30))
    elif kind == 2:
        pieces[at] = (rng.choice((tag, 0, 1, 2, 3, 4, 5, 6, 99)), any_bytes(body, corpus, rng))
    else:
        headers = [n for n, piece in enumerate(pieces) if piece[0] == 2] or [at]
        at = rng.choice(headers)
        pieces[at] = (pieces[at][0], _field(pieces[at][1], rng))
    return content[:4] + b"".join(_chunk(*piece) for piece in pieces)


def _chunks(content: bytes):
    """Yield tag and body of each chunk, as far as they are sound."""
    at = 4
    while at < len(content) and content[at] in (1, 4, 8):
        width = content[at]
        length = int.from_bytes(content[at + 1 : at + 1 + width], "little")
        start, end = at + 1 + width, at + 1 + width + length
        if length < 2 or end > len(content):
            return
        yield int.from_bytes(content[start : start + 2], "little"), content[start + 2 : end]
        at = end


def _chunk(tag: int, body: bytes) -> bytes:
    return b"\x08" + struct.pack("<QH", len(body) + 2, tag) + body


def _field(body: bytes, rng: random.Random) -> bytes:
    """Change the text of one XML element."""
    found = list(re.finditer(rb">([^<>]*)<", body))
    if not found:
        return body
    one = rng.choice(found)
    new = rng.choice((*NUMBERS, *TEXTS)).encode("utf-8", "replace")
    return body[: one.start(1)] + new + body[one.end(1) :]


def decoder(content: bytes, corpus: Sequence[bytes], rng: random.Random) -> bytes:
    """Change the header and sign it again, as a hostile sender would; or any bytes."""
    try:
        (length,) = struct.unpack("<Q", content[:8])
        outer = json.loads(content[8 : 8 + length])
        header = json.loads(outer["__metadata__"]["decoder"])
    except (ValueError, KeyError, TypeError, struct.error, RecursionError):
        return any_bytes(rng.choice(corpus), corpus, rng)
    kind = rng.randrange(8)
    if kind == 0:
        return any_bytes(content, corpus, rng)
    blob = content[8 + length :]
    if kind == 1:
        blob = any_bytes(blob, [blob], rng)
    elif kind == 2:
        tensors = [key for key in outer if key != "__metadata__"]
        outer[rng.choice(tensors)] = {
            "dtype": rng.choice(("F64", "F32", "I64", "BF16", "X")),
            "shape": rng.choice(([0], [-1], [2**40], [2**63, 2], [], [1, 1, 1])),
            "data_offsets": rng.choice(([0, 0], [0, 2**40], [-8, 8], [0, len(blob)])),
        }
    else:
        for _ in range(rng.choice((1, 1, 2))):
            header = _with_leaf(header, rng)
    outer["__metadata__"]["decoder"] = json.dumps(header)
    return _signed(outer, blob)


def _with_leaf(value: object, rng: random.Random) -> object:
    """Return a copy in which one value, at any depth, is another."""
    if isinstance(value, dict) and value and rng.random() < 0.93:
        key = rng.choice(list(value))
        return {**value, key: _with_leaf(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        return [*value[:at], _with_leaf(value[at], rng), *value[at + 1 :]]
    if isinstance(value, int | float) and rng.random() < 0.6:
        # Not far from what was sound, so that it may be accepted.
        return value + rng.choice((-1, 1)) if rng.random() < 0.3 else value * rng.uniform(0, 3)
    return rng.choice(VALUES)


def _signed(outer: dict, blob: bytes) -> bytes:
    outer["__metadata__"]["sha256"] = "0" * 64
    blank = _with_length(outer, blob)
    outer["__metadata__"]["sha256"] = hashlib.sha256(blank).hexdigest()
    return _with_length(outer, blob)


def _with_length(outer: dict, blob: bytes) -> bytes:
    text = json.dumps(outer, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + blob
