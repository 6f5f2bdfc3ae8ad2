from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import EvidenceSpec, FilterSpec, Preprocessing, WindowSpec
from bci_online.markers import parse_marker
from bci_online.messages import Chunk, Epoch, Marker, Rejected
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.recentring import Recentring
from bci_online.preprocessing.window_covariances import covariance
from bci_online.preprocessing.windowing import Windowing

SFREQ = 128.0
N = 20 * 128
EEG = np.random.default_rng(0).normal(scale=10, size=(N, 2))
STAMPS = 100 + np.arange(N) / SFREQ
BAND = FilterSpec(l_freq=8.0, h_freq=30.0)


def rooms(limits=None, recentring=None, rests=False, **keys):
    preprocessing = Preprocessing(
        **{
            "ch_names": ("C3", "C4"),
            "sfreq": SFREQ,
            "filter": BAND,
            "window": WindowSpec(length=1.0, step=0.1),
            "interval": EvidenceSpec(tmin=0.5, tmax=3.0),
        }
        | keys
    )
    windowing = Windowing(preprocessing, limits, recentring, rests)
    return ContinuousSignal(preprocessing, [0, 1]), windowing


def served(rooms_, markers, data=EEG, stamps=STAMPS, cuts=(), delays=None) -> list:
    """Push pieces; a marker arrives with the first piece that reaches its time of arrival."""
    signal, windowing = rooms_
    delays = np.zeros(len(markers)) if delays is None else delays
    arrivals = [marker.time + delay for marker, delay in zip(markers, delays, strict=True)]
    waiting = sorted(zip(arrivals, range(len(markers)), strict=True))
    out = []
    edges = [0, *sorted(min(cut, len(stamps)) for cut in cuts), len(stamps)]
    for start, stop in pairwise(edges):
        while waiting and (stop == len(stamps) or waiting[0][0] <= stamps[max(stop, 1) - 1]):
            marker = markers[waiting.pop(0)[1]]
            windowing.add(marker, parse_marker(marker.text), marker.time)
        for _ in signal.push(Chunk(data[start:stop], stamps[start:stop])):
            out += windowing.cut(signal)
    return out + list(windowing.finish())


def epochs(served_) -> list[Epoch]:
    return [one.outcome for one in served_ if isinstance(one.outcome, Epoch)]


def reasons(served_) -> list[str]:
    return [one.outcome.reason for one in served_ if isinstance(one.outcome, Rejected)]


def same(found, expected) -> None:
    assert [(one.marker, one.time, one.onset) for one in found] == [
        (one.marker, one.time, one.onset) for one in expected
    ]
    for ours, theirs in zip(found, expected, strict=True):
        assert type(ours.outcome) is type(theirs.outcome)
        if isinstance(ours.outcome, Epoch):
            assert ours.outcome.onset == theirs.outcome.onset
            np.testing.assert_array_equal(ours.outcome.data, theirs.outcome.data)
        else:
            assert ours.outcome == theirs.outcome


TRIALS = [
    Marker(text, time)
    for start in (103.003, 108.1, 113.7)
    for text, time in (
        ("trial/start", start), ("cue/left_hand", start + 1.0), ("feedback/start", start + 2.0),
        ("trial/end", start + 3.4),
    )
]  # fmt: skip


@pytest.mark.parametrize(("beside", "onset"), [(-0.49, 640), (0.0, 640), (0.49, 640), (0.51, 641)])
def test_the_grid_counts_from_the_sample_nearest_to_the_cue(beside, onset):
    cue = Marker("cue/left_hand", 100 + (640 + beside) / SFREQ)

    found = epochs(served(rooms(), [cue]))

    starts = onset + np.round((0.5 + 0.1 * np.arange(16)) * SFREQ).astype(int)
    assert [epoch.onset for epoch in found] == starts.tolist()
    assert {epoch.data.shape for epoch in found} == {(2, 128)}
    assert [epoch.time for epoch in found] == pytest.approx(cue.time + 0.5 + 0.1 * np.arange(16))


def test_a_window_is_the_filtered_signal_and_stays_when_more_comes():
    signal, windowing = rooms()
    cue = Marker("cue/left_hand", 105.0)

    (first, *_) = epochs(served((signal, windowing), [cue]))

    window = signal.samples.window(first.onset, first.onset + 128)
    np.testing.assert_array_equal(first.data, window)
    assert not np.shares_memory(first.data, window)
    assert not first.data.flags.writeable


@cache
def at_once() -> list:
    return served(rooms(), TRIALS)


@pytest.mark.slow
@given(
    cuts=st.lists(st.integers(0, N), max_size=10),
    delays=st.lists(st.floats(0, 0.5), min_size=12, max_size=12),
)
@settings(max_examples=40, deadline=None)
def test_neither_cuts_nor_markers_late_by_half_a_second_change_anything(cuts, delays):
    found = served(rooms(), TRIALS, cuts=cuts, delays=delays)

    same(found, at_once())


def test_sample_by_sample_is_the_same_as_at_once():
    same(served(rooms(), TRIALS, cuts=range(N)), at_once())


def test_windows_end_half_a_second_behind_the_end_of_the_trial():
    found = epochs(served(rooms(), TRIALS[:4]))

    ends = [epoch.time + 1.0 for epoch in found]
    assert max(ends) <= TRIALS[3].time + 0.5
    assert max(ends) > TRIALS[3].time + 0.39


def test_a_new_cue_ends_the_windows_of_the_one_before():
    cues = [Marker("cue/left_hand", 105.0), Marker("cue/right_hand", 106.5)]

    found = served(rooms(), cues)

    first = [one.outcome for one in found if one.outcome and one.marker == cues[0]]
    second = [one.outcome for one in found if one.outcome and one.marker == cues[1]]
    assert len(first) == 6
    assert len(second) == 16


def test_only_the_cue_itself_says_that_a_trial_opens_and_has_an_onset_to_find_again():
    found = served(rooms(), TRIALS)

    openings = [one for one in found if one.opens]
    assert [one.marker for one in openings] == TRIALS[1::4]
    assert all(one.outcome is None and one.onset is not None for one in openings)
    assert all(one.onset is None for one in found if not one.opens)


def test_rest_lasts_from_a_trials_end_to_the_next_cue_whatever_starts_between():
    start, end = Marker("trial/start", 106.0), Marker("trial/end", 104.0)
    cues = [Marker("cue/left_hand", 102.0), Marker("cue/left_hand", 107.0)]

    found = served(rooms(rests=True), [cues[0], end, start, cues[1]])

    resting = [one for one in found if one.outcome is not None and one.marker == end]
    # From 0.5 s after the end to 0.5 s after the cue, or to the last window of the grid.
    assert len(resting) == 16
    assert all(one.marker != start for one in found if one.outcome is not None)


def test_a_trials_start_begins_a_rest_where_none_is_open():
    first, second = Marker("trial/start", 102.0), Marker("trial/start", 110.0)

    found = served(rooms(rests=True), [first, second])

    resting = [one.marker for one in found if one.outcome is not None]
    assert resting == [first] * 16 + [second] * 16


def test_rest_changes_no_window_of_a_cue():
    plain = epochs(served(rooms(), TRIALS))

    found = epochs(served(rooms(rests=True), TRIALS))

    assert [e.onset for e in found if e.marker.text.startswith("cue")] == [e.onset for e in plain]


def test_a_journalled_onset_is_found_again():
    cue = Marker("cue/left_hand", 105.0, onset_stamp=STAMPS[643])

    found = [one for one in served(rooms(), [cue]) if one.opens]

    assert [one.onset for one in found] == [643]


def test_windows_over_a_bridged_loss_are_rejected_and_the_others_stay_on_the_grid():
    lost = slice(900, 905)  # 2 s behind the cue
    cue = Marker("cue/left_hand", 105.0)
    data, stamps = np.delete(EEG, lost, axis=0), np.delete(STAMPS, lost)

    found = served(rooms(), [cue], data, stamps)

    assert set(reasons(found)) == {"gap"}
    kept = [epoch.onset for epoch in epochs(found)]
    whole = [epoch.onset for epoch in epochs(served(rooms(), [cue]))]
    assert kept == [onset for onset in whole if onset + 128 <= 900 or onset >= 905]


def test_behind_a_long_loss_the_rest_of_the_trial_is_rejected():
    lost = slice(900, 1100)
    cue = Marker("cue/left_hand", 105.0)
    data, stamps = np.delete(EEG, lost, axis=0), np.delete(STAMPS, lost)

    found = served(rooms(), [cue], data, stamps, cuts=range(0, N, 50))

    assert len(epochs(found)) + len(reasons(found)) == 16
    assert set(reasons(found)) == {"gap"}
    assert all(epoch.onset + 128 <= 900 for epoch in epochs(found))


def test_windows_before_the_filter_has_settled_and_behind_the_recordings_end_are_rejected():
    signal, windowing = rooms()
    early, late = Marker("cue/left_hand", 100.0), Marker("cue/left_hand", 118.0)

    found = served((signal, windowing), [early, late])

    assert "incomplete" in reasons(found)
    first = [one.outcome for one in found if one.outcome and one.marker == early]
    expected = [
        "settling" if round((0.5 + 0.1 * k) * SFREQ) < signal.settling else "" for k in range(16)
    ]
    assert [getattr(one, "reason", "") for one in first] == expected


def test_loud_windows_are_artefacts():
    data = EEG.copy()
    data[900:910] += 500 * np.sin(np.arange(10))[:, np.newaxis]
    cue = Marker("cue/left_hand", 105.0)

    found = served(rooms(limits=np.array([150.0, 150.0])), [cue], data)

    assert set(reasons(found)) == {"artefact"}
    assert epochs(found)


def test_a_filter_bank_gives_rows_band_by_band():
    bank = FilterSpec(l_freq=8.0, h_freq=16.0, band_width=4.0)
    cue = Marker("cue/left_hand", 110.0)

    both = epochs(served(rooms(filter=bank), [cue]))
    low = epochs(served(rooms(filter=FilterSpec(l_freq=8.0, h_freq=12.0)), [cue]))
    high = epochs(served(rooms(filter=FilterSpec(l_freq=12.0, h_freq=16.0)), [cue]))

    for ours, first, second in zip(both, low, high, strict=True):
        np.testing.assert_array_equal(ours.data, np.concatenate([first.data, second.data]))


def test_a_late_loss_takes_back_the_windows_that_lie_over_it():
    signal, windowing = rooms()
    found = epochs(served((signal, windowing), [Marker("cue/left_hand", 105.0)]))

    taken = list(windowing.retract((800, 810)))

    assert [one.onset for one in taken] == [
        e.onset for e in found if e.onset < 810 and e.onset + 128 > 800
    ]
    assert not list(windowing.retract((800, 810)))


def test_recentring_uses_finished_trials_only():
    plain = epochs(served(rooms(), TRIALS))
    reference = np.eye(2)[np.newaxis] * 50

    found = epochs(served(rooms(recentring=Recentring(reference)), TRIALS, cuts=range(0, N, 37)))

    trials = [[e for e in plain if e.marker == cue] for cue in TRIALS[1::4]]
    expected = Recentring(reference)
    place = 0
    for trial in trials:
        for epoch in trial:
            np.testing.assert_allclose(found[place].data, expected.apply(epoch.data), rtol=1e-12)
            expected.learn(epoch.onset, epoch.data)
            place += 1
        expected.finish_trial()
    np.testing.assert_array_equal(found[0].data, plain[0].data)
    assert np.abs(found[-1].data - plain[-1].data).max() > 0.1
    assert covariance(plain[0].data, 1).shape == (1, 2, 2)


def test_windows_without_a_window_in_the_preprocessing_are_refused():
    with pytest.raises(ValueError, match=r"preprocessing\.window"):
        Windowing(Preprocessing(ch_names=("C3",), sfreq=SFREQ))
