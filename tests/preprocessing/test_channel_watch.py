import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bci_online.preprocessing.channel_watch import ChannelWatch

SFREQ = 100
N = 1000
EEG = np.random.default_rng(0).normal(-300, 10, size=(N, 3))


def told(signal, cuts=(), ch_names=("Fz", "Cz", "Pz")) -> list[tuple[int, str, str]]:
    """Return each change with the number of samples after which it was told."""
    watch = ChannelWatch(ch_names, SFREQ)
    found, n = [], 0
    for piece in np.split(signal, sorted(cuts)):
        n += len(piece)
        found += [
            (n, change.level, change.text)
            for change in watch.push(piece, np.arange(n - len(piece), n) / SFREQ)
        ]
    return found


def spoilt(fault: str, start: int, stop: int = N) -> np.ndarray:
    signal = EEG.copy()
    channel = signal[start:stop, 1]
    match fault:
        case "not finite":
            channel[::10] = np.nan
        case "flat":
            channel[:] = channel[0]
        case "railing":
            channel[::2] = 187_500.0
    return signal


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["not finite", "flat", "railing"])
@given(start=st.integers(1, N - 2 * SFREQ))
def test_a_channel_that_fails_is_reported_within_two_seconds_and_once(fault, start):
    ((n, level, text),) = told(spoilt(fault, start), cuts=range(1, N))

    said = "not finite" if fault == "not finite" else "flat or railing"
    assert (level, text) == ("alarm", f"Cz: {said}; check electrode and cable")
    assert start < n <= start + 2 * SFREQ


def test_a_channel_that_is_back_is_reported_too():
    changes = told(spoilt("flat", 200, 500))

    assert [change[1:] for change in changes] == [
        ("alarm", "Cz: flat or railing; check electrode and cable"),
        ("info", "Cz: good again"),
    ]


def test_a_loose_plug_is_a_few_lines_and_not_one_each_second():
    signal = np.random.default_rng(1).normal(size=(120 * SFREQ, 3))
    for start in range(0, len(signal), 4 * SFREQ):
        signal[start : start + SFREQ, 1] = 5.0

    changes = [text for *_, text in told(signal)]

    fails, back = "Cz: flat or railing; check electrode and cable", "Cz: good again"
    # It is three seconds good each time, and after the fourth failure that is no longer enough.
    assert changes == [fails, back, fails, back, fails, back, fails]


def test_a_fault_minutes_after_others_is_over_after_a_second():
    signal = np.random.default_rng(1).normal(size=(75 * SFREQ, 3))
    for second in (0, 2, 5, 70):
        signal[second * SFREQ : (second + 1) * SFREQ, 1] = 5.0

    changes = told(signal, cuts=range(SFREQ, len(signal), SFREQ))

    # The third time it takes three good seconds; what was before a good minute is forgotten.
    assert [n // SFREQ for n, *_ in changes] == [1, 2, 3, 5, 6, 9, 71, 72]


@given(cuts=st.lists(st.integers(0, N), max_size=8))
def test_how_the_signal_is_cut_changes_nothing(cuts):
    signal = spoilt("not finite", 330, 610)

    assert [change[1:] for change in told(signal, cuts)] == [change[1:] for change in told(signal)]


def test_a_good_signal_says_nothing_and_an_empty_chunk_passes():
    assert told(EEG, cuts=[0, 0, N]) == []
    assert told(np.round(EEG)) == []


def test_many_channels_are_one_line():
    names = tuple(f"E{number}" for number in range(20))
    signal = np.random.default_rng(0).normal(size=(SFREQ, 20))
    some = signal.copy()
    some[:, :10] = 0.0

    (one,) = told(some, ch_names=names)
    (every,) = told(np.zeros_like(signal), ch_names=names)

    assert one[2].startswith("E0, E1, E2, E3, E4, E5, E6, E7 and 2 more: flat or railing")
    assert every[2].startswith("all channels: flat or railing")


@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.float64])
def test_samples_are_judged_alike_in_whatever_type_they_are_stored(dtype):
    signal = EEG.astype(np.float32).astype(np.int32)
    signal[N // 2 :, 1] = 7
    stored = signal.astype(dtype)
    if dtype != np.int32:
        # In float32 it is as large as the limit is when that is rounded, and still below it.
        stored[N // 2, 2] = np.float32(1e12)

    ((_, level, text),) = told(stored)

    assert (level, text.split(":")[0]) == ("alarm", "Cz")
