"""Until the sample that is due no marker is served: it may be read later, with those after it."""

import math
from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bci_online.config import EpochSpec, EvidenceSpec, FilterSpec, Preprocessing, WindowSpec
from bci_online.markers import parse_marker
from bci_online.messages import Chunk, Marker
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.cutting import cutting_of

SFREQ = 128.0
# All markers lie within 4.5 s from `FIRST_S` on, and the last window ends 3 s after its cue.
FIRST_S, LENGTH_S = 6, 12
N = LENGTH_S * 128
EEG = np.random.default_rng(0).normal(scale=10, size=(N, 2))
STAMPS = 100 + np.arange(N) / SFREQ
OWN = Preprocessing(
    ch_names=("C3", "C4"),
    sfreq=SFREQ,
    filter=FilterSpec(l_freq=1.0, h_freq=30.0),
    epoch=EpochSpec(tmin=0.0, tmax=0.6, step=0.05),
    display_delay=0.02,
)
WINDOWS = {
    "window": WindowSpec(length=1.0, step=0.1),
    "interval": EvidenceSpec(tmin=0.5, tmax=3.0),
}
FLASHES = ("trial/start/1/A", "flash/1/target", "flash/2/nontarget", "trial/end")
CUES = ("trial/start/1", "cue/left_hand", "trial/end")


def times_served(own: Preprocessing, markers: list[Marker], chunk: int) -> list[tuple[float, ...]]:
    """Return the sample that was due, the newest one before, and the newest one, when it served."""
    signal, cutting = ContinuousSignal(own, [0, 1]), cutting_of(own)
    found = []
    for marker in markers:
        cutting.add(marker, parse_marker(marker.text), marker.time)
    # Nothing can be due in the first seconds, whose length is the filter's matter alone.
    cuts = [0, *range((FIRST_S - 1) * 128, N, chunk), N]
    for start, stop in pairwise(cuts):
        due = cutting.due
        piece = slice(start, stop)
        for _ in signal.push(Chunk(EEG[piece], STAMPS[piece])):
            if list(cutting.cut(signal)):
                found.append((due, STAMPS[max(0, start - 1)], STAMPS[piece][-1]))
    assert cutting.due == math.inf
    return found


def placed(texts, starts) -> list[Marker]:
    at = zip(texts, np.cumsum([100.0 + FIRST_S, *starts]), strict=False)
    return [Marker(text, float(time)) for text, time in at]


steps = st.lists(st.floats(0.0, 1.5), min_size=3, max_size=3)
chunks = st.integers(1, 40)


@settings(max_examples=25)
@given(steps=steps, chunk=chunks)
def test_no_flash_is_served_before_the_sample_that_is_due(steps, chunk):
    found = times_served(OWN, placed(FLASHES, steps), chunk)

    assert found
    assert all(due <= newest for due, _, newest in found)
    # It is no rougher than that: the sample is among the chunk's, or one of the two before them.
    assert all(due > before - 2.5 / SFREQ for due, before, _ in found)


@settings(max_examples=25)
@given(steps=steps, chunk=chunks)
# The cue lies half a sample after its onset, and some windows begin 0.4 samples early.
@example(steps=[1.07421875, 0.0, 0.0], chunk=1)
def test_no_window_is_served_before_the_sample_that_is_due(steps, chunk):
    own = Preprocessing(
        ch_names=OWN.ch_names, sfreq=SFREQ, filter=FilterSpec(l_freq=8.0, h_freq=30.0), **WINDOWS
    )

    found = times_served(own, placed(CUES, steps), chunk)

    assert found
    assert all(due <= newest for due, _, newest in found)
