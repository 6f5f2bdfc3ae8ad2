import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import FilterSpec, Preprocessing
from bci_online.messages import Chunk, ClockOffset
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.filters import CausalFilter, bandpass, settling_samples
from bci_online.preprocessing.segments import BadSamples

SFREQ = 128.0
CHANNELS = ("Cz", "Pz")
EEG = np.random.default_rng(0).normal([20_000, -300, 5], 10, size=(2600, 3))
NUMBERS = np.arange(2600)


def continuous(counter=None, **keys) -> ContinuousSignal:
    preprocessing = Preprocessing(ch_names=CHANNELS, sfreq=SFREQ, unit="microvolts", **keys)
    return ContinuousSignal(preprocessing, [0, 1], counter)


def pushed(signal, data, stamps, cuts=()):
    """Push the samples in pieces; return the gaps."""
    cuts = sorted(min(cut, len(stamps)) for cut in cuts)
    pieces = zip(np.split(data, cuts), np.split(stamps, cuts), strict=True)
    gaps = [gap for piece in pieces for gap in signal.push(Chunk(*piece))]
    return [gap for gap in gaps if gap is not None]


def kept(signal) -> tuple[np.ndarray, np.ndarray]:
    start, stop = signal.samples.start, signal.samples.stop
    return signal.samples.window(start, stop), signal.times.window(start, stop)[0]


def lossy(*losses: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return data and exact stamps without ``n`` samples from ``first`` on."""
    gone = np.concatenate([np.arange(first, first + n) for first, n in losses])
    return np.delete(EEG, gone, axis=0), 100 + np.delete(NUMBERS, gone) / SFREQ


def by_hand(data) -> np.ndarray:
    return CausalFilter(bandpass(FilterSpec(), SFREQ)).process(data[:, :2].T)


def test_without_a_loss_it_is_the_filtered_signal_of_the_picked_channels():
    signal = continuous()

    gaps = pushed(signal, EEG, 100 + NUMBERS / SFREQ)

    samples, times = kept(signal)
    assert gaps == []
    np.testing.assert_allclose(samples, by_hand(EEG), atol=1e-6)
    np.testing.assert_allclose(times, 100 + NUMBERS / SFREQ, atol=1e-6)
    (segment,) = signal.segments
    assert (segment.first, segment.stop) == (0, None)
    assert segment.settled == settling_samples(bandpass(FilterSpec(), SFREQ))


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 2600), max_size=10),
    jitter_s=st.sampled_from([0.0, 0.001, 0.03]),
    reference=st.sampled_from(["recorded", "average"]),
)
def test_signal_times_and_gaps_do_not_depend_on_how_the_stream_is_cut(cuts, jitter_s, reference):
    data, stamps = lossy((1200, 5), (1600, 100))
    data[300, 1] = np.nan
    stamps += np.repeat(np.random.default_rng(1).uniform(0, jitter_s, 400), 8)[: stamps.size]
    whole, parts = continuous(reference=reference), continuous(reference=reference)

    gaps = pushed(whole, data, stamps)
    gaps_of_parts = pushed(parts, data, stamps, cuts)

    assert gaps_of_parts == gaps
    np.testing.assert_allclose(kept(parts)[0], kept(whole)[0], atol=1e-9)
    np.testing.assert_array_equal(kept(parts)[1], kept(whole)[1])
    assert list(parts.segments) == list(whole.segments)
    assert list(parts.bad) == list(whole.bad)


def test_a_chunk_that_is_longer_than_the_buffer_comes_in_pieces_that_fit():
    n = 6000
    data, stamps = np.resize(EEG, (n, 3)), 100 + np.arange(n) / SFREQ
    whole, parts = continuous(), continuous()

    stops = [whole.samples.stop for _ in whole.push(Chunk(data, stamps))]
    pushed(parts, data, stamps, range(0, n, 100))

    assert n > whole.samples.capacity
    assert stops[-1] == n
    assert max(np.diff(stops)) < whole.samples.capacity // 10
    np.testing.assert_array_equal(kept(whole)[0], kept(parts)[0])


def test_an_empty_chunk_passes():
    signal = continuous()

    assert pushed(signal, EEG[:0], NUMBERS[:0].astype(float)) == []
    pushed(signal, EEG, 100 + NUMBERS / SFREQ, [50, 50])
    assert signal.samples.stop == 2600


@pytest.mark.parametrize("reference", ["recorded", "average"])
def test_chunks_stay_as_they_are(reference):
    data, stamps = EEG.copy(), 100 + NUMBERS / SFREQ
    data.flags.writeable = stamps.flags.writeable = False

    pushed(continuous(reference=reference), data, stamps, [7])

    np.testing.assert_array_equal(data, EEG)


def test_whole_numbers_give_the_same_as_floats():
    counts = EEG.round()
    as_floats, as_ints = continuous(), continuous()

    pushed(as_floats, counts, 100 + NUMBERS / SFREQ)
    pushed(as_ints, counts.astype(np.int16), 100 + NUMBERS / SFREQ)

    np.testing.assert_array_equal(kept(as_ints)[0], kept(as_floats)[0])


@pytest.mark.parametrize("n_lost", [1, 8, 12])
def test_a_gap_of_up_to_100_ms_is_bridged_by_a_line_and_the_state_goes_on(n_lost):
    signal = continuous()
    data, stamps = lossy((1500, n_lost))
    whole = EEG.copy()
    between = np.linspace(EEG[1499], EEG[1500 + n_lost], n_lost + 2)
    whole[1500 : 1500 + n_lost] = between[1:-1]

    (gap,) = pushed(signal, data, stamps)

    samples, times = kept(signal)
    assert (gap.sample, gap.n_lost, gap.bridged, gap.late) == (1500, n_lost, True, False)
    assert gap.time == pytest.approx(stamps[1500])
    assert list(signal.bad) == [BadSamples(1500, 1500 + n_lost)]
    assert len(signal.segments) == 1
    np.testing.assert_allclose(samples, by_hand(whole), atol=1e-6)
    np.testing.assert_allclose(times, 100 + NUMBERS / SFREQ, atol=1e-6)


@pytest.mark.parametrize("n_lost", [13, 100, 1000])
def test_a_longer_gap_restarts_the_filter_and_a_segment(n_lost):
    signal = continuous()
    data, stamps = lossy((1500, n_lost))

    (gap,) = pushed(signal, data, stamps)

    samples, times = kept(signal)
    before, after = signal.segments
    assert (gap.sample, gap.n_lost, gap.bridged) == (1500, n_lost, False)
    assert (before.first, before.stop, after.first, after.stop) == (0, 1500, 1500, None)
    assert after.settled == 1500 + signal.settling
    assert after.first_time == pytest.approx(stamps[1500])
    np.testing.assert_allclose(samples[:, 1500:], by_hand(data[1500:]), atol=1e-6)
    np.testing.assert_allclose(times, stamps, atol=1e-6)


@pytest.mark.parametrize(("max_bridge", "bridged"), [(0.0, False), (1.0, True)])
def test_how_long_a_gap_is_bridged_is_a_setting(max_bridge, bridged):
    signal = continuous(max_bridge=max_bridge)

    (gap,) = pushed(signal, *lossy((1500, 100)))

    assert gap.bridged is bridged
    assert len(signal.segments) == 2 - bridged


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_marked_bad_and_do_not_stay_in_the_filter(channel, value):
    signal = continuous()
    data = EEG.copy()
    data[1500:1505, channel] = value

    gaps = pushed(signal, data, 100 + NUMBERS / SFREQ, [800, 1502])

    assert gaps == []
    assert list(signal.bad) == [BadSamples(1500, 1505, (channel,))]
    assert len(signal.segments) == 1
    assert signal.n_not_finite == 5
    assert np.isfinite(kept(signal)[0]).all()


def test_a_channel_that_was_not_picked_may_hold_anything():
    signal = continuous()
    data = EEG.copy()
    data[:, 2] = np.nan

    assert pushed(signal, data, 100 + NUMBERS / SFREQ) == []
    assert signal.n_not_finite == 0


def test_time_goes_on_in_a_stream_of_nothing_but_nan_and_all_of_it_is_bad():
    signal = continuous()

    assert pushed(signal, np.full((500, 3), np.nan), 100 + NUMBERS[:500] / SFREQ) == []
    assert (signal.samples.stop, signal.n_not_finite) == (500, 500)
    assert list(signal.bad) == [BadSamples(0, 500, (0, 1))]


def test_samples_without_a_stamp_or_a_counter_are_losses():
    signal = continuous(counter=2)
    data, stamps = EEG.copy(), 100 + NUMBERS / SFREQ
    data[:, 2] = NUMBERS % 256
    stamps[1500] = np.nan
    data[1600, 2] = np.nan

    gaps = pushed(signal, data, stamps)

    assert [(gap.sample, gap.n_lost) for gap in gaps] == [(1500, 1), (1600, 1)]


def test_the_average_reference_is_that_of_the_picked_channels():
    signal = continuous(reference="average")

    pushed(signal, EEG, 100 + NUMBERS / SFREQ)

    samples, _ = kept(signal)
    np.testing.assert_allclose(samples.sum(axis=0), 0, atol=1e-6)
    half = (EEG[:, :1] - EEG[:, 1:2]) / 2
    np.testing.assert_allclose(samples[:1], by_hand(np.hstack([half, half]))[:1], atol=1e-6)


def test_a_constant_offset_of_20_mv_is_gone_at_once_also_behind_a_gap():
    signal = continuous()
    _, stamps = lossy((1500, 100))

    pushed(signal, np.full((2500, 3), 20_000.0), stamps)

    assert np.abs(kept(signal)[0]).max() < 1.0


def test_a_late_found_loss_puts_the_samples_between_in_doubt():
    signal = continuous()
    data, stamps = lossy((1500, 60))
    stamps += np.repeat(np.random.default_rng(0).uniform(0, 0.02, 400), 8)[: stamps.size]

    (gap,) = pushed(signal, data, stamps)

    ((first, stop, channels),) = signal.bad
    assert (first, stop) == signal.in_doubt
    assert channels == ()
    assert gap.late
    assert gap.n_lost == pytest.approx(60, abs=3)
    assert first <= 1500 < stop == gap.sample
    assert [segment.first for segment in signal.segments] == [0, gap.sample]


def test_common_time_is_the_stamp_plus_the_offset_known_at_its_time():
    signal = continuous()
    stamps = 100 + NUMBERS / SFREQ
    for time, value in ((100.0, 0.010), (110.0, 0.020), (115.0, 0.020)):
        signal.add_offset(ClockOffset("eeg", time, value))

    pushed(signal, EEG, stamps, [300])

    expected = stamps + np.select([stamps < 110, stamps < 115], [0.010, 0.015], 0.020)
    np.testing.assert_allclose(kept(signal)[1], expected, atol=1e-6)
    assert len(signal.segments) == 1


def test_times_never_fall_within_a_segment_though_the_offset_does():
    signal = continuous()
    for time, value in ((100.0, 0.0), (110.0, -0.049), (115.0, -0.049)):
        signal.add_offset(ClockOffset("eeg", time, value))

    pushed(signal, EEG, 100 + NUMBERS / SFREQ)

    assert (np.diff(kept(signal)[1]) >= 0).all()
    assert len(signal.segments) == 1


def test_an_offset_that_jumps_starts_a_segment():
    signal = continuous()
    signal.add_offset(ClockOffset("eeg", 100.0, 0.0))
    pushed(signal, EEG[:1500], 100 + NUMBERS[:1500] / SFREQ)

    signal.add_offset(ClockOffset("eeg", 100 + 1500 / SFREQ, 7.0))
    pushed(signal, EEG[1500:], 100 + NUMBERS[1500:] / SFREQ)

    assert [segment.first for segment in signal.segments] == [0, 1500]
    assert kept(signal)[1][1500] == pytest.approx(107 + 1500 / SFREQ)


def test_a_clock_that_restarts_is_a_gap_without_a_loss_and_times_go_on_from_there():
    signal = continuous()
    stamps = np.where(NUMBERS < 1500, 653_150.0, 255.0 - 1500 / SFREQ) + NUMBERS / SFREQ

    (gap,) = pushed(signal, EEG, stamps, [900])

    assert (gap.sample, gap.n_lost, gap.reason, gap.bridged) == (1500, 0, "clock", False)
    np.testing.assert_allclose(kept(signal)[1], stamps, atol=1e-6)


def test_memory_and_the_lists_of_segments_and_of_bad_samples_stay_small():
    signal = continuous()
    data, stamps = lossy(*((first, 3) for first in range(200, 2600, 100)))
    duration = 2600 / SFREQ

    for round_ in range(6):
        pushed(signal, data, stamps + round_ * (duration + 5))

    held = signal.samples.capacity / SFREQ
    assert held < 31
    assert signal.samples.start - signal.bad[0].stop <= 100
    assert len(signal.segments) <= 3


@pytest.mark.parametrize("fault", [np.nan, 187_500.0])
@pytest.mark.parametrize("cuts", [[], [1502], [1490, 1505, 1530], list(range(1480, 1600))])
def test_a_channel_that_fails_for_long_starts_anew_and_the_others_go_on_wherever_it_is_cut(
    fault, cuts
):
    signal, uncut = continuous(), continuous()
    data = EEG.copy()
    data[1500:1600, 0] = fault

    pushed(signal, data, 100 + NUMBERS / SFREQ, cuts)
    pushed(uncut, data, 100 + NUMBERS / SFREQ)

    samples = kept(signal)[0]
    np.testing.assert_array_equal(samples, kept(uncut)[0])
    assert list(signal.bad) == list(uncut.bad)
    # A value that may be right is used for a quarter of a second, one that is none never.
    first = 1500 if np.isnan(fault) else 1532
    assert list(signal.bad) == [BadSamples(first, 1600 + signal.settling, (0,))]
    assert len(signal.segments) == 1
    np.testing.assert_allclose(samples[1], by_hand(EEG)[1], atol=1e-6)
    np.testing.assert_allclose(samples[0, 1600:], by_hand(EEG[1600:])[0], atol=1e-6)


def test_a_channel_that_no_decoder_uses_rejects_nothing():
    preprocessing = Preprocessing(ch_names=CHANNELS, sfreq=SFREQ, unit="microvolts")
    signal = ContinuousSignal(preprocessing, [0, 1], used=np.array([True, False]))
    data = EEG.copy()
    data[1500:, 1] = np.nan

    pushed(signal, data, 100 + NUMBERS / SFREQ)

    assert not signal.bad
    assert signal.n_not_finite == 1100


@pytest.mark.parametrize("still_is_broken", [True, False])
def test_a_channel_that_never_changed_is_bad_for_a_decoder_and_may_be_the_reference_of_a_recording(
    still_is_broken,
):
    preprocessing = Preprocessing(ch_names=CHANNELS, sfreq=SFREQ, unit="microvolts")
    signal = ContinuousSignal(preprocessing, [0, 1], still_is_broken=still_is_broken)
    data = EEG.copy()
    data[:, 1] = 0.0

    pushed(signal, data, 100 + NUMBERS / SFREQ)

    assert list(signal.bad) == ([BadSamples(32, 2600, (1,))] if still_is_broken else [])


@pytest.mark.parametrize("fault", ["loss", "nan"])
def test_an_offset_of_all_channels_leaves_no_step_with_the_average_reference(fault):
    signal = continuous(reference="average")
    common = EEG + 20_000.0
    stamps = 100 + NUMBERS / SFREQ
    if fault == "nan":
        common[1500:1505, 0] = np.nan
    else:
        lost = range(1500, 1505)
        common, stamps = np.delete(common, lost, axis=0), np.delete(stamps, lost)

    pushed(signal, common, stamps)

    assert len(signal.segments) == 1
    assert np.abs(kept(signal)[0][:, 1000:]).max() < 100.0


def test_time_goes_on_while_a_channel_is_not_finite_even_after_a_loss():
    signal = continuous()
    data, stamps = lossy((1600, 60))
    data[1500:, 0] = np.nan

    gaps = pushed(signal, data, stamps, cuts=range(0, 2540, 7))

    assert [gap.n_lost for gap in gaps] == [60]
    assert signal.times.stop == len(stamps)
    assert kept(signal)[1][-1] == pytest.approx(stamps[-1], abs=1e-3)
    assert np.isfinite(kept(signal)[0]).all()
    covered = {n for bad in signal.bad for n in range(bad.start, bad.stop)}
    assert covered >= set(range(1500, len(stamps)))


def test_a_jump_of_the_clock_offset_is_reported():
    signal = continuous()

    first = signal.add_offset(ClockOffset("eeg", 100.0, 0.0))
    jumped = signal.add_offset(ClockOffset("eeg", 105.0, 7.0))

    assert first is None
    assert (jumped.n_lost, jumped.bridged, jumped.reason) == (0, False, "clock")
