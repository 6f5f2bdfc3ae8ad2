"""Stamps as senders with faulty clocks give them, and the clock's error against the truth."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.clock import SampleClock
from bci_online.preprocessing.sample_runs import Loss

Array = NDArray[np.float64]

SFREQ = 256.0
CHUNK_N = 8
SECONDS, FAULT_S = 120.0, 60.0
START = 1000.0


@dataclass(frozen=True)
class Sender:
    """How a sender stamps, and what happens to it once, near second 60.

    A sender with jitter stamps a chunk when it arrives, up to `jitter_s` late.
    """

    jitter_s: float = 0.0
    drift: float = 0.0
    lost: int = 0
    stall_s: float = 0.0
    step_s: float = 0.0
    burst_s: float = 0.0
    wild: float = 0.0
    """Share of samples whose stamp is anywhere, up to an hour off."""
    ahead_s: float = 0.0
    """One stamp is so far off."""
    swapped: int = 0
    """So many stamps in reverse order."""
    repeated: int = 0
    """So many stamps that are all that of the first."""


@dataclass(frozen=True)
class Sent:
    """Stamps of the samples that came, their true times, and the true time of the fault."""

    stamps: Array
    truth: Array
    fault_s: float


def sent(sender: Sender, seed: int) -> Sent:
    """Return what the sender delivers; `seed` moves the fault within a second."""
    rng = np.random.default_rng(seed)
    fault_s = FAULT_S + float(rng.uniform(0, 1))
    numbers = np.arange(round(SECONDS * SFREQ) + sender.lost)
    first = round(fault_s * SFREQ)
    numbers = np.delete(numbers, np.s_[first : first + sender.lost])
    truth = numbers / (SFREQ * (1 + sender.drift))
    ends = np.minimum(np.arange(CHUNK_N, truth.size + CHUNK_N, CHUNK_N), truth.size)
    came = truth[ends - 1] + rng.uniform(0, sender.jitter_s, ends.size)
    late = came - fault_s
    came[(late >= 0) & (late < sender.stall_s)] = fault_s + sender.stall_s
    if sender.burst_s:
        came = np.ceil(came / sender.burst_s) * sender.burst_s
    order = 1e-5 * np.arange(came.size)
    came = np.maximum.accumulate(came - order) + order
    chunk = np.arange(truth.size) // CHUNK_N
    stamps = came[chunk] - (ends[chunk] - 1 - np.arange(truth.size)) / SFREQ
    stamps[truth >= fault_s] += sender.step_s
    _spoil(sender, stamps, first, rng)
    return Sent(stamps + START, truth, fault_s)


def _spoil(sender: Sender, stamps: Array, first: int, rng: np.random.Generator) -> None:
    behind = np.arange(first, stamps.size)
    wild = behind[rng.random(behind.size) < sender.wild]
    stamps[wild] += rng.uniform(-3600, 3600, wild.size)
    stamps[first] += sender.ahead_s
    stamps[first : first + sender.swapped] = stamps[first : first + sender.swapped][::-1].copy()
    stamps[first : first + sender.repeated] = stamps[first]


def earliest_s(lost: int, jitter_s: float) -> float:
    """Return after how long a loss can be counted at the earliest, by chunks that are late alone.

    Each is up to `jitter_s` late, and all are alike. Without a loss all of the last n chunks may be
    late by so much by chance: once in a day at most. And one of them must be so little late that
    the count is right, in 99 of 100 losses.
    """
    if not jitter_s:
        return CHUNK_N / SFREQ
    a_day = 86400 * SFREQ / CHUNK_N
    n_chunks = [
        math.log(chance) / math.log(max(1e-9, 1 - late_s / jitter_s))
        for chance, late_s in ((1 / a_day, lost / SFREQ), (0.01, 0.5 / SFREQ))
    ]
    return max(1.0, *n_chunks) * CHUNK_N / SFREQ


class Timed(NamedTuple):
    """What our clock made of the stamps.

    ``told`` has for each loss when the newest sample by then was taken. ``doubted`` are the samples
    that a loss reported late lies among: the chain takes their epochs back.
    """

    times: Array
    told: list[float]
    losses: list[Loss]
    doubted: NDArray[np.bool_]


def timed(of: Sent) -> Timed:
    """Let our clock give each sample its time, chunk by chunk."""
    clock, times = SampleClock(SFREQ), []
    n, result = 0, Timed(of.truth, [], [], np.zeros(of.truth.size, dtype=bool))
    for stop in range(CHUNK_N, of.stamps.size + CHUNK_N, CHUNK_N):
        is_last = stop >= of.stamps.size
        for run in clock.push(of.stamps[n:stop], is_last=is_last):
            if run.loss is not None:
                result.told.append(float(of.truth[:stop][-1]))
                result.losses.append(run.loss)
                result.doubted[max(0, n - run.loss.late) : n] = True
            times.append(run.times)
            n += run.times.size
    return result._replace(times=np.concatenate(times))


def errors_ms(of: Sent, times: Array, counts: NDArray[np.bool_], step_s: float) -> list[float]:
    """Return the largest error within 2 s behind the fault, and later, in ms, of what counts.

    The usual delay of a sender that stamps on arrival, which nobody can know, is taken out; so is a
    step of its clock.
    """
    behind = of.truth - of.fault_s
    error = times - START - of.truth - np.where(behind >= 0, step_s, 0.0)
    error -= np.median(error[(of.truth > 10) & (behind < 0)])
    error = 1e3 * np.abs(error)
    spans = (behind >= 0) & (behind < 2), behind >= 2
    return [float(error[span & counts].max(initial=0.0)) for span in spans]
