"""Channels that fail in the middle of a recording, which is replayed through the online chain."""

from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.xdf import XdfSource
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Chunk, Decision, Reading, Rejected, Score, Status
from bci_online.runtime.assembly import online_chain
from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.stage import Stage

Data = NDArray[np.floating]
Spoil = Callable[[Data], None]

TOLD_S = 2.0
RAIL_UV = 187_500.0
MISLEADING = "responses come"
NOT_FINITE, STUCK = "not finite", "flat or railing"
ONE, OTHER, SOME = 3, 0, slice(2, 5)


def _set(channels: int | slice, value: float) -> Spoil:
    def spoil(data: Data) -> None:
        data[:, channels] = value

    return spoil


def _swap(data: Data) -> None:
    data[:, [OTHER, ONE]] = data[:, [ONE, OTHER]]


def _invert(data: Data) -> None:
    data *= -1


def _volts(data: Data) -> None:
    data *= 1e-6


def once(spoil: Spoil, most_s: float, telling: str, stage: Stage, number: int) -> Outcome:
    """Replay the recording; from a moment near its middle on a channel fails for `most_s`.

    `telling` must be reported within 2 s; where it is empty any warning counts, whenever it comes.
    """
    source = XdfSource(stage.recording)
    source.open()
    readings = list(iter(source.read, None))
    stamps = [chunk.stamps[-1] for reading in readings for chunk in reading.chunks]
    rng = np.random.default_rng(number)
    start = float(np.quantile(stamps, 0.45) + rng.uniform(0, 2))
    chain, _ = online_chain(read_decoder(stage.decoder), source.spec)
    told_s, text, n_scored, n_rejected, letters, is_misled = None, "", 0, 0, [], False
    for reading in readings:
        for message in chain.push(_spoilt(reading, spoil, start, start + most_s)):
            now = max((float(c.stamps[-1]) for c in reading.chunks), default=start)
            if now < start:
                continue
            if isinstance(message, Status) and message.level != "info":
                is_misled = is_misled or MISLEADING in message.text
                if told_s is None and telling in message.text and MISLEADING not in message.text:
                    told_s, text = now - start, message.text
            n_scored += isinstance(message, Score)
            n_rejected += isinstance(message, Rejected)
            if isinstance(message, Decision):
                letters.append(message)
    n_right = sum(letter.value == letter.truth for letter in letters)
    n_undecided = sum(letter.value is None for letter in letters)
    wrong = ""
    if told_s is None or (telling and told_s > TOLD_S):
        wrong = f"it was not reported{' within 2 s' if telling else ''}"
    elif is_misled:
        wrong = "the fault also passes for responses that come later than in calibration"
    facts: dict[str, float | str] = {
        "scored": float(n_scored), "rejected": float(n_rejected),
        "right": float(n_right), "undecided": float(n_undecided),
        "mistaken": float(len(letters) - n_right - n_undecided),
    }  # fmt: skip
    return Outcome(told_s=told_s, lost=float(chain.n_not_finite), facts=facts, wrong=wrong,
                   note=text)  # fmt: skip


def _spoilt(reading: Reading, spoil: Spoil, start: float, stop: float) -> Reading:
    chunks = []
    for chunk in reading.chunks:
        rows = (chunk.stamps >= start) & (chunk.stamps < stop)
        if rows.any():
            data = np.array(chunk.data, dtype=float)
            part = data[rows]
            spoil(part)
            data[rows] = part
            chunk = Chunk(data, chunk.stamps)
        chunks.append(chunk)
    return msgspec.structs.replace(reading, chunks=tuple(chunks))


TEXT = f"""\
A recording of five letters is replayed through the online chain; from a moment near its middle on a
channel that the decoder uses fails. Seconds are of the stream. Flashes and letters count from then
on. The decoder goes on without a channel that fails, as long as enough are left; a letter without
enough evidence stays undecided. *Lost* counts samples that were not finite. Right means: reported
within {TOLD_S:g} s, the last three kinds at any time, and no other cause is named.
"""
KINDS: tuple[tuple[str, str, Spoil, float, str], ...] = (
    ("nan-sample", "one sample is NaN in one channel", _set(ONE, np.nan), 0.004, NOT_FINITE),
    ("nan-2s", "NaN for 2 s in one channel", _set(ONE, np.nan), 2.0, NOT_FINITE),
    ("nan", "NaN to the end in one channel", _set(ONE, np.nan), 1e9, NOT_FINITE),
    ("inf", "infinite to the end in one channel", _set(ONE, np.inf), 1e9, NOT_FINITE),
    ("rail", "one channel at the amplifier's rail", _set(ONE, RAIL_UV), 1e9, STUCK),
    ("flat", "one channel flat", _set(ONE, 0.0), 1e9, STUCK),
    ("flat-three", "three channels flat", _set(SOME, 0.0), 1e9, STUCK),
    ("flat-all", "all channels flat", _set(slice(None), 0.0), 1e9, STUCK),
    ("volts", "all channels a million times too small", _volts, 1e9, ""),
    ("swapped", "two electrodes change places", _swap, 1e9, ""),
    ("inverted", "polarity inverted", _invert, 1e9, ""),
)
ELECTRODES = Group(
    "electrodes", "Electrodes", TEXT,
    tuple(
        Fault(name, how, partial(once, spoil, most_s, telling), times=5)
        for name, how, spoil, most_s, telling in KINDS
    ),
    "samples",
    {"flashes scored": "scored", "rejected": "rejected", "letters right": "right",
     "undecided": "undecided", "mistaken": "mistaken"},
    is_live=False, tried=("benchmarks.faults.electrodes",),
)  # fmt: skip
