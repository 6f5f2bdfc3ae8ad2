from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import EpochSpec, Preprocessing
from bci_online.markers import Flash, parse_marker
from bci_online.messages import Chunk, ClockOffset, Epoch, Marker, Rejected
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.epoching import Epoching

SFREQ = 256.0
N = 15 * 256
EEG = np.random.default_rng(0).normal(scale=10, size=(N, 2))
STAMPS = 100 + np.arange(N) / SFREQ


def rooms(limits=None, sfreq=SFREQ, **keys) -> tuple[ContinuousSignal, Epoching]:
    preprocessing = Preprocessing(ch_names=("Cz", "Pz"), sfreq=sfreq, **keys)
    return ContinuousSignal(preprocessing, [0, 1]), Epoching(preprocessing, limits)


def flash(time: float, code: int = 1) -> Marker:
    return Marker(Flash(code, True).text(), time)


def add(epoching: Epoching, marker: Marker) -> None:
    event = parse_marker(marker.text)
    assert event is not None
    epoching.add(marker, event, marker.time)


def served(rooms_, markers, data=EEG, stamps=STAMPS, cuts=(), arrivals=None) -> list:
    """Push pieces; a marker arrives with the first piece that reaches its time of arrival."""
    signal, epoching = rooms_
    waiting = sorted(zip(arrivals or [m.time for m in markers], range(len(markers)), strict=True))
    out = []
    edges = [0, *sorted(min(cut, len(stamps)) for cut in cuts), len(stamps)]
    for start, stop in pairwise(edges):
        while waiting and (stop == len(stamps) or waiting[0][0] <= stamps[max(stop, 1) - 1]):
            add(epoching, markers[waiting.pop(0)[1]])
        for _ in signal.push(Chunk(data[start:stop], stamps[start:stop])):
            out += epoching.cut(signal)
    return out + list(epoching.finish())


def one(rooms_, marker, **keys):
    (result,) = served(rooms_, [marker], **keys)
    return result.outcome


def same(found, expected) -> None:
    assert [s.marker for s in found] == [s.marker for s in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert type(ours.outcome) is type(theirs.outcome)
        if isinstance(ours.outcome, Epoch):
            assert (ours.outcome.onset, ours.outcome.time) == (
                theirs.outcome.onset, theirs.outcome.time)  # fmt: skip
            np.testing.assert_allclose(ours.outcome.data, theirs.outcome.data, atol=1e-9)
        else:
            assert ours.outcome == theirs.outcome


MARKERS = [
    flash(100 + (1100 + 45 * k + 0.3 * (k % 4)) / SFREQ, 1 + k % 12) for k in range(50)
] + [Marker("trial/end/1", 108.0), Marker("trial/start/2/B", 108.0)]  # fmt: skip


# Onset and latencies


@pytest.mark.parametrize(("beside", "onset"), [(-0.49, 1200), (0.0, 1200), (0.49, 1200),
                                               (0.51, 1201), (-0.51, 1199)])  # fmt: skip
def test_the_onset_is_the_sample_nearest_to_the_marker(beside, onset):
    epoch = one(rooms(), flash(100 + (1200 + beside) / SFREQ))

    assert isinstance(epoch, Epoch)
    assert epoch.onset == onset


def test_a_marker_midway_between_two_samples_belongs_to_the_earlier():
    """Powers of two: the times are exact."""
    signal, epoching = rooms()
    list(signal.push(Chunk(EEG, STAMPS)))
    earlier, later = signal.times.window(1200, 1202)[0]
    add(epoching, flash((earlier + later) / 2))

    (result,) = epoching.cut(signal)

    assert result.outcome.onset == 1200


def test_scores_do_not_follow_a_marker_within_its_sample():
    exact, beside = (one(rooms(), flash(100 + (1200 + b) / SFREQ)) for b in (0, 0.4))

    np.testing.assert_array_equal(exact.data, beside.data)
    assert exact.time != beside.time


@pytest.mark.parametrize("sfreq", [240.0, 250.0, 256.0, 500.0, 2048.0])
def test_values_between_samples_are_interpolated_at_each_latency(sfreq):
    """12.8 samples per 50 ms at 256 Hz."""
    rooms_ = rooms(sfreq=sfreq)
    n = round(8 * sfreq)
    data = np.random.default_rng(1).normal(size=(n, 2))
    stamps = 100 + np.arange(n) / sfreq

    epoch = one(rooms_, flash(105.0), data=data, stamps=stamps)

    samples = rooms_[0].samples.window(0, n)
    positions = epoch.onset + np.arange(16) * 0.05 * sfreq
    expected = [np.interp(positions, np.arange(n), row) for row in samples]
    assert epoch.data.shape == (2, 16)
    np.testing.assert_allclose(epoch.data, expected, atol=1e-6)


def test_latencies_begin_at_tmin_and_count_from_the_onset_sample():
    spec = EpochSpec(tmin=0.1, tmax=0.5, step=0.0625)
    rooms_ = rooms(epoch=spec)

    epoch = one(rooms_, flash(105.0))

    samples = rooms_[0].samples.window(0, N)
    positions = epoch.onset + SFREQ * (0.1 + 0.0625 * np.arange(7))
    expected = [np.interp(positions, np.arange(N), row) for row in samples]
    np.testing.assert_allclose(epoch.data, expected, atol=1e-9)


@pytest.mark.parametrize("delays", [(0.05, 0.0), (0.0, 0.05), (0.08, -0.03)])
def test_delays_of_display_and_amplifier_move_the_onset_but_not_the_time(delays):
    display, amplifier = delays
    epoch = one(rooms(display_delay=display, amplifier_delay=amplifier), flash(105.0))

    assert epoch.onset == 1280 + 13
    assert epoch.time == 105.0


def test_peak_to_peak_is_that_of_the_whole_window():
    rooms_ = rooms()

    epoch = one(rooms_, flash(105.0))

    window = rooms_[0].samples.window(epoch.onset, epoch.onset + 193)
    np.testing.assert_allclose(epoch.peak_to_peak, np.ptp(window, axis=1))


def test_an_epoch_keeps_its_marker_and_cannot_be_written():
    epoch = one(rooms(), flash(105.0, code=7))

    assert epoch.marker == Marker("flash/7/target", 105.0)
    with pytest.raises(ValueError, match="read-only"):
        epoch.data[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        epoch.peak_to_peak[0] = 1.0


def test_an_epoch_stays_as_it_is_when_the_buffer_moves_on():
    rooms_ = rooms()
    (result,) = served(rooms_, [flash(105.0)])
    before = result.outcome.data.copy()

    for start in range(0, 10 * N, N):
        list(rooms_[0].push(Chunk(0 * EEG, STAMPS + (N + start) / SFREQ)))

    np.testing.assert_array_equal(result.outcome.data, before)


# Cutting, arrival, order


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, N), max_size=12))
def test_epochs_do_not_depend_on_how_the_stream_is_cut(cuts):
    keep = np.r_[0:2000, 2005:3000, 3100:N]

    whole = served(rooms(), MARKERS, EEG[keep], STAMPS[keep])
    parts = served(rooms(), MARKERS, EEG[keep], STAMPS[keep], cuts)

    same(parts, whole)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    delays=st.lists(st.floats(0, 0.5), min_size=len(MARKERS), max_size=len(MARKERS)),
    chunk_n=st.sampled_from([8, 32, 100]),
)
def test_markers_that_arrive_up_to_half_a_second_late_give_the_same_in_the_same_order(
    delays, chunk_n
):
    arrivals = [m.time + delay for m, delay in zip(MARKERS, delays, strict=True)]
    cuts = range(chunk_n, N, chunk_n)

    in_time = served(rooms(), MARKERS, cuts=cuts)
    late = served(rooms(), MARKERS, cuts=cuts, arrivals=arrivals)

    same([s for s in late if s.marker.text.startswith("flash")],
         [s for s in in_time if s.marker.text.startswith("flash")])  # fmt: skip
    same(late, in_time)


@pytest.mark.parametrize("reverse", [False, True])
def test_an_end_comes_before_a_start_of_the_same_time_whichever_arrives_first(reverse):
    texts = ["trial/end/1", 'layout/{"1":["A"]}', "trial/start/2/A", "flash/1/unknown"]
    markers = [Marker(text, 105.0) for text in texts]

    found = served(rooms(), markers[::-1] if reverse else markers)

    assert [s.marker.text for s in found] == texts


def test_markers_of_one_time_and_kind_come_as_they_arrived():
    markers = [flash(105.0, code) for code in (3, 1, 2)]

    found = served(rooms(), markers)

    assert [s.marker for s in found] == markers


def test_what_is_no_flash_waits_its_turn_and_has_no_epoch():
    markers = [Marker("trial/start/1/A", 104.9), flash(105.0), Marker("trial/end/1", 105.1)]

    found = served(rooms(), markers)

    assert [s.marker for s in found] == markers
    assert [type(s.outcome) for s in found] == [type(None), Epoch, type(None)]


def test_an_epoch_comes_with_the_chunk_that_holds_its_last_sample():
    signal, epoching = rooms()
    add(epoching, flash(100 + 2000 / SFREQ))
    last = 2000 + 192

    list(signal.push(Chunk(EEG[:last], STAMPS[:last])))
    before = list(epoching.cut(signal))
    list(signal.push(Chunk(EEG[last : last + 1], STAMPS[last : last + 1])))

    assert before == []
    assert len(list(epoching.cut(signal))) == 1
    assert list(epoching.cut(signal)) == []


@pytest.mark.parametrize("beside", [-3, -1, 0, 2])
def test_a_journalled_onset_is_followed_by_its_raw_stamp(beside):
    """A live run's clock may have been a little beside the one of its replay."""
    signal, epoching = rooms()
    signal.add_offset(ClockOffset("eeg", 100.0, 3.0))
    list(signal.push(Chunk(EEG, STAMPS)))
    marker = Marker("flash/1/target", 108.0, onset_stamp=105.0 + beside / SFREQ)
    add(epoching, marker)

    (result,) = epoching.cut(signal)

    assert result.outcome.onset == 1280 + beside
    assert result.outcome.time == 108.0


def test_a_journalled_onset_that_no_sample_came_with_is_not_followed():
    marker = Marker("flash/1/target", 105.0, onset_stamp=55.0)

    assert one(rooms(), marker).onset == 1280


def test_without_samples_markers_wait():
    signal, epoching = rooms()
    add(epoching, flash(105.0))

    assert list(epoching.cut(signal)) == []


# Rejections


@pytest.mark.parametrize(
    ("time", "reason"),
    [(99.99, "out_of_ring"), (50.0, "out_of_ring"), (100.0, "settling"), (102.3, "settling"),
     (114.5, "incomplete"), (500.0, "incomplete")],
)  # fmt: skip
def test_a_marker_without_a_whole_settled_window_is_rejected_with_the_reason(time, reason):
    marker = flash(time)

    assert one(rooms(), marker) == Rejected(marker, reason, time)


def test_settling_ends_exactly_where_the_filter_says():
    rooms_ = rooms()
    settling = rooms_[0].settling
    before, after = (flash(100 + n / SFREQ) for n in (settling - 1, settling))

    found = served(rooms_, [before, after])

    assert found[0].outcome == Rejected(before, "settling", before.time)
    assert isinstance(found[1].outcome, Epoch)


@pytest.mark.parametrize("n_lost", [1, 8, 25])
def test_epochs_that_touch_a_bridged_gap_are_rejected_and_no_others(n_lost):
    keep = np.delete(np.arange(N), slice(2000, 2000 + n_lost))
    onsets = [2000 - 193, 2000 - 192, 2000, 2000 + n_lost - 1, 2000 + n_lost]

    found = served(rooms(), [flash(100 + n / SFREQ) for n in onsets], EEG[keep], STAMPS[keep])

    reasons = [getattr(s.outcome, "reason", None) for s in found]
    assert reasons == [None, "gap", "gap", "gap", None]


@pytest.mark.parametrize("n_lost", [26, 100, 1000])
def test_epochs_over_a_longer_gap_are_rejected_and_those_behind_it_settle(n_lost):
    keep = np.delete(np.arange(N), slice(2000, 2000 + n_lost))
    behind = 2000 + n_lost
    settling = rooms()[0].settling
    onsets = [1800, 1810, 1999, 2000 + n_lost // 2, behind, behind + settling - 1]
    onsets.append(behind + settling)

    found = served(rooms(), [flash(100 + n / SFREQ) for n in onsets], EEG[keep], STAMPS[keep])

    reasons = [getattr(s.outcome, "reason", None) for s in found]
    assert reasons == [None, "gap", "gap", "gap", "settling", "settling", None]


def test_a_marker_older_than_the_ring_is_out_of_ring():
    signal, epoching = rooms()
    for start in range(4):
        list(signal.push(Chunk(EEG, STAMPS + start * N / SFREQ)))
    old, kept = flash(110.0), flash(140.0)
    add(epoching, old)
    add(epoching, kept)

    first, second = epoching.cut(signal)

    assert first.outcome == Rejected(old, "out_of_ring", 110.0)
    assert isinstance(second.outcome, Epoch)


@pytest.mark.parametrize(("factor", "rejected"), [(0.99, True), (1.01, False), (np.inf, False)])
@pytest.mark.parametrize("channel", [0, 1])
def test_one_channel_beyond_its_limit_makes_an_artefact(factor, rejected, channel):
    limits = one(rooms(), flash(105.0)).peak_to_peak + 1000
    limits[channel] = (limits[channel] - 1000) * factor

    outcome = one(rooms(limits), flash(105.0))

    expected = Rejected(flash(105.0), "artefact", 105.0, (("Cz", "Pz")[channel],))
    assert (outcome == expected) if rejected else isinstance(outcome, Epoch)


def test_what_is_left_at_the_end_is_incomplete_in_order_and_no_flash_is_kept_back():
    markers = [flash(200.0), Marker("trial/end/1", 201.0), Marker("trial/start/2/B", 200.5)]

    found = served(rooms(), markers)

    assert [s.marker.time for s in found] == [200.0, 200.5, 201.0]
    assert [type(s.outcome) for s in found] == [Rejected, type(None), type(None)]
    assert found[0].outcome.reason == "incomplete"


# Channels that are not finite


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, N), max_size=10))
def test_a_flash_over_a_channel_that_is_not_finite_is_rejected_at_once_and_not_kept_waiting(cuts):
    data = EEG.copy()
    data[1500:, 1] = np.nan
    signal, epoching = rooms()
    markers = [flash(100 + n / SFREQ) for n in (1000, 1400, 1700, 3000)]
    for marker in markers:
        add(epoching, marker)

    outcomes = []
    edges = [0, *sorted(cuts), N]
    for start, stop in pairwise(edges):
        for _ in signal.push(Chunk(data[start:stop], STAMPS[start:stop])):
            outcomes += [served.outcome for served in epoching.cut(signal)]

    assert [type(outcome) for outcome in outcomes] == [Epoch, Rejected, Rejected, Rejected]
    assert {(one.reason, one.channels) for one in outcomes[1:]} == {("channel", ("Pz",))}


# Retraction


def test_epochs_over_samples_in_doubt_are_retracted_once():
    rooms_ = rooms()
    markers = [flash(100 + n / SFREQ) for n in (1300, 1700, 1900, 2300)]
    served(rooms_, markers)

    retracted = list(rooms_[1].retract((1893, 2100)))

    assert [r.marker for r in retracted] == [markers[2]]
    assert [r.onset for r in rooms_[1].retract((1892, 2301))] == [1700, 2300]
    assert list(rooms_[1].retract((0, N))) != []
    assert list(rooms_[1].retract((0, N))) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_loss_found_late_leaves_no_epoch_over_it_that_was_not_retracted(seed):
    delays = np.random.default_rng(seed).uniform(0, 0.02, N // 8)
    stamps = (STAMPS + np.repeat(delays, 8)).copy()
    keep = np.delete(np.arange(N), slice(2000, 2060))
    data, stamps = EEG[keep], stamps[keep]
    signal, epoching = rooms()
    for marker in MARKERS:
        add(epoching, marker)

    epochs, taken_back = {}, []
    for start in range(0, len(stamps), 8):
        for gap in signal.push(Chunk(data[start : start + 8], stamps[start : start + 8])):
            if gap is not None:
                assert gap.late
                taken_back += epoching.retract(signal.in_doubt)
            outcomes = [s.outcome for s in epoching.cut(signal)]
            epochs |= {e.marker: e.onset for e in outcomes if isinstance(e, Epoch)}

    assert taken_back
    assert all(epochs.pop(r.marker) == r.onset for r in taken_back)
    assert epochs
    assert not any(onset < 2000 < onset + 193 for onset in epochs.values())
