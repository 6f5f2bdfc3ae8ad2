"""Forged lines under a session's name: how many are refused, and what refusing one costs.

Ten kinds of forgeries, each made of a true line of a session, are shown to what its parts ask.
A true line stands between each two of them, and must be accepted.
"""

import random
import secrets
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bci_online.signing import Signer, Verifier
from benchmarks.faults.fault import Fault, Group, Outcome

STREAM, OTHER = "bci-online/monday/control", "bci-online/monday/panel"
LINES = (
    '{"name":"abort"}',
    '{"name":"note","note":{"type":"probe"}}',
    '{"marker":"flash/3/target"}',
    '{"marker":"session/end/done"}',
    '{"type":"decision","value":"A","trial":1,"confidence":0.98,"time":7.5,"late":false}',
)
SIGNATURE = ',"signed":"'
TIMES, MOST_MS = 100, 0.1
KEY = secrets.token_bytes(16)


class Line(NamedTuple):
    """A line as it comes."""

    raw: bytes
    stamp: float


class Forger:
    """Makes forgeries of lines that it overheard, without the key.

    Parameters
    ----------
    rng : random.Random
        Chooses what is changed.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def kinds(self) -> dict[str, Callable[[Line], Line]]:
        """Return all kinds of forgeries; each takes a true line that was accepted before."""
        return {
            "without a signature": lambda line: self._changed(line, self._bare(line)),
            "signed with another key": self._with_another_key,
            "signed for another stream": self._for_another_stream,
            "another text under the signature": self._with_another_text,
            "a later number": self._with_a_later_number,
            "another time": lambda line: line._replace(stamp=line.stamp + 0.001),
            "a flipped bit": self._with_a_flipped_bit,
            "cut short": lambda line: self._changed(line, line.raw[: self._at(line)]),
            "random bytes": lambda line: self._changed(line, self._rng.randbytes(len(line.raw))),
            "sent again": lambda line: line,
        }

    def _at(self, line: Line) -> int:
        return self._rng.randrange(len(line.raw))

    @staticmethod
    def _changed(line: Line, raw: bytes) -> Line:
        return line._replace(raw=raw)

    @staticmethod
    def _bare(line: Line) -> bytes:
        return line.raw.partition(SIGNATURE.encode())[0] + b"}"

    def _with_another_key(self, line: Line) -> Line:
        signer = Signer(secrets.token_bytes(16), STREAM)
        return self._changed(line, signer.signed(self._bare(line).decode(), line.stamp).encode())

    def _for_another_stream(self, line: Line) -> Line:
        # The key is right: a panel's line, overheard there and sent on the control stream.
        signer = Signer(KEY, OTHER)
        return self._changed(line, signer.signed(self._bare(line).decode(), line.stamp).encode())

    def _with_another_text(self, line: Line) -> Line:
        signature = line.raw.partition(SIGNATURE.encode())[2]
        other = self._rng.choice([text for text in LINES if text.encode() != self._bare(line)])
        return self._changed(line, f"{other[:-1]}{SIGNATURE}".encode() + signature)

    def _with_a_later_number(self, line: Line) -> Line:
        body, sep, signature = line.raw.partition(SIGNATURE.encode())
        sender, number, code = signature.split(b".")
        return self._changed(line, body + sep + b".".join((sender, number + b"0", code)))

    def _with_a_flipped_bit(self, line: Line) -> Line:
        raw = bytearray(line.raw)
        raw[self._at(line)] ^= 1 << self._rng.randrange(8)
        return self._changed(line, bytes(raw))


class Refusals(NamedTuple):
    """What became of forgeries and of as many true lines; each forgery's cost in seconds."""

    n_forged: int
    n_refused: int
    n_accepted: int
    costs: list[float]


def refusals(times: int, seed: int) -> Refusals:
    """Show each kind of forgery so many times to a verifier, between true lines."""
    rng = random.Random(seed)
    signer, verifier = Signer(KEY, STREAM), Verifier(KEY, STREAM)
    kinds = [kind for kind in Forger(rng).kinds().values() for _ in range(times)]
    rng.shuffle(kinds)
    n_refused = n_accepted = 0
    costs = []
    for number, kind in enumerate(kinds):
        text, stamp = rng.choice(LINES), 1000.0 + number
        true = Line(signer.signed(text, stamp).encode(), stamp)
        n_accepted += verifier.accepted(true.raw, true.stamp) == text
        forged = kind(true)
        began = time.perf_counter()
        accepted = verifier.accepted(forged.raw, forged.stamp)
        costs.append(time.perf_counter() - began)
        n_refused += not accepted
    return Refusals(len(kinds), n_refused, n_accepted, costs)


def once(_: object, number: int) -> Outcome:
    """Show 1,000 forgeries to what a part reads with."""
    found = refusals(TIMES, number)
    cost = round(1000 * float(np.median(found.costs)), 4)
    all_right = found.n_refused == found.n_accepted == found.n_forged
    return Outcome(
        facts={"refused": found.n_refused, "accepted": found.n_accepted, "cost": cost},
        wrong=""
        if all_right and cost <= MOST_MS
        else "a forgery was accepted, or refusing is slow",
    )


TEXT = f"""\
Ten kinds of forgeries of a session's lines, {TIMES} of each, and as many true lines between them.
Right means: every forgery is refused, every true line accepted, at most {MOST_MS:g} ms a line.
"""
FORGED_LINES = Group(
    "forged", "Forged lines", TEXT,
    (Fault("lines", "lines without a right signature, or sent again", once),),
    "lines",
    {"refused": "refused", "true ones accepted": "accepted", "ms a line": "cost"},
    is_live=False, tried=("benchmarks.faults.forged_lines",),
)  # fmt: skip
