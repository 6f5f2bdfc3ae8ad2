from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.clock import Loss, SampleClock
from bci_online.preprocessing.clock_offsets import ClockOffsets

RATES = [125.0, 240.0, 256.0, 1000.0, 2048.0]


def offsets_of(*measured: tuple[float, float]) -> ClockOffsets:
    offsets = ClockOffsets()
    for time, value in measured:
        offsets.add(time, value)
    return offsets


def pushed(clock, stamps, cuts=(), counter=None):
    """Return the times of all samples, and (number of the sample behind it, loss) of each loss."""
    times, losses, n = [], [], 0
    edges = [0, *sorted(min(cut, stamps.size) for cut in cuts), stamps.size]
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        piece = None if counter is None else counter[start:stop]
        covered = 0
        for run in clock.push(stamps[start:stop], piece):
            assert run.start == covered
            assert run.times.size == run.stop - run.start
            covered = run.stop
            times.append(run.times)
            if run.loss is not None:
                losses.append((n + run.start, run.loss))
        assert covered == stop - start
        n = stop
    return np.concatenate([np.empty(0), *times]), losses


def every(n: int, size: int) -> range:
    return range(n, size, n)


def with_loss(sfreq: float, n_lost: int, at_s: float = 10.0, until_s: float = 20.0):
    """Return numbers of the samples that came, and the place of the first behind the loss."""
    numbers = np.arange(round(until_s * sfreq) + n_lost)
    at = round(at_s * sfreq)
    return np.delete(numbers, slice(at, at + n_lost)), at


def jittered(numbers, sfreq: float, chunk_n: int, seed: int, jitter_s: float = 0.05):
    """Return stamps as of a sender that stamps chunks when it gets to them."""
    delays = np.random.default_rng(seed).uniform(0, jitter_s, numbers.size // chunk_n + 1)
    return 100 + numbers / sfreq + np.repeat(delays, chunk_n)[: numbers.size]


# Clock offsets


def test_without_a_measurement_stamps_stay_and_are_copied():
    stamps = np.array([1.0, 2.0])

    common = ClockOffsets().common(stamps)

    assert ClockOffsets().at(5.0) == 0.0
    np.testing.assert_array_equal(common, stamps)
    assert common is not stamps


def test_before_the_first_measurement_the_first_one_holds():
    offsets = offsets_of((10.0, 0.003), (15.0, 0.009))

    assert offsets.at(-1e9) == offsets.at(9.0) == offsets.at(14.9) == 0.003


@settings(max_examples=40)
@given(
    values=st.lists(st.floats(-0.02, 0.02), min_size=1, max_size=20),
    times=st.lists(st.floats(-10, 120), min_size=1, max_size=20).map(sorted),
)
def test_the_offset_is_the_median_of_the_last_five_measured_at_or_before(values, times):
    offsets = offsets_of(*((5.0 * k, value) for k, value in enumerate(values)))
    stamps = np.array(times)

    common = offsets.common(stamps)

    for time, mapped in zip(times, common, strict=True):
        known = [v for k, v in enumerate(values) if 5.0 * k <= time] or values[:1]
        assert offsets.at(time) == median(known[-5:])
        assert mapped == time + median(known[-5:])


def test_a_jump_of_more_than_50_ms_starts_a_list_of_its_own():
    offsets = offsets_of(*((5.0 * k, 0.001) for k in range(6)))

    small = offsets.add(30.0, 0.050)
    jumped = offsets.add(35.0, 0.060)

    assert not small
    assert jumped
    assert offsets.at(34.9) == 0.001
    assert offsets.at(35.0) == 0.060


def test_the_first_measurement_starts_no_new_segment_however_large_it_is():
    assert not ClockOffsets().add(10.0, -652340.0)


@pytest.mark.parametrize("before", [(653150.0, -652340.0), (653150.0, 5.0)])
def test_a_clock_that_starts_anew_keeps_its_offsets_apart(before):
    """Stamps like those of a computer that was restarted (xdf_corpus/clock_resets)."""
    time, value = before
    offsets = offsets_of((time, value), (time + 5, value + 0.001), (time + 10, value))

    fresh = offsets.add(255.0, 12.0)

    assert fresh
    assert offsets.at(time + 20) == value
    assert offsets.at(250.0) == offsets.at(270.0) == 12.0
    np.testing.assert_array_equal(offsets.common(np.array([256.0, 257.0])), [268.0, 269.0])
    np.testing.assert_array_equal(offsets.common(np.array([time, time])), [time + value] * 2)


def test_measurements_delivered_out_of_order_start_no_list_and_change_no_earlier_time():
    offsets = offsets_of((10.0, 0.001), (15.0, 0.002))

    fresh = offsets.add(14.8, 0.004)

    assert not fresh
    assert offsets.at(14.9) == 0.001
    assert offsets.at(15.0) == 0.002
    assert offsets.add(20.0, 0.004) is False
    assert offsets.at(20.0) == 0.003


def test_common_times_leave_the_stamps_as_they_are():
    stamps = np.array([1.0, 2.0, 3.0])
    stamps.flags.writeable = False

    offsets_of((2.5, 0.5)).common(stamps)

    np.testing.assert_array_equal(stamps, [1.0, 2.0, 3.0])


# Sample clock


def test_no_samples_give_no_runs():
    clock = SampleClock(256.0)

    assert clock.push(np.empty(0)) == []
    assert clock.push(np.empty(0), np.empty(0)) == []


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 5200), max_size=12),
    jitter_s=st.sampled_from([0.0, 0.001, 0.05]),
    counted=st.booleans(),
)
def test_times_and_losses_do_not_depend_on_how_the_stamps_are_cut(cuts, jitter_s, counted):
    numbers, _ = with_loss(256.0, 200)
    numbers = np.delete(numbers, slice(4000, 4010))
    stamps = jittered(numbers, 256.0, 8, seed=1, jitter_s=jitter_s)
    stamps[4600:] -= 3.0
    stamps.flags.writeable = False
    counter = (numbers % 256).astype(float) if counted else None
    modulus = 256 if counted else None

    whole = pushed(SampleClock(256.0, counter_modulus=modulus), stamps, (), counter)
    parts = pushed(SampleClock(256.0, counter_modulus=modulus), stamps, cuts, counter)

    np.testing.assert_array_equal(parts[0], whole[0])
    assert parts[1] == whole[1]
    assert whole[1]


@pytest.mark.parametrize("sfreq", RATES)
@pytest.mark.parametrize("n_lost", [1, 8, 100, 1000])
def test_a_loss_in_stamps_free_of_jitter_is_told_at_once_with_its_count(sfreq, n_lost):
    numbers, at = with_loss(sfreq, n_lost)
    stamps = 100 + numbers / sfreq

    times, losses = pushed(SampleClock(sfreq), stamps, every(30, stamps.size))

    assert losses == [(at, Loss(n_lost, bridged=n_lost / sfreq <= 0.1))]
    np.testing.assert_allclose(times, stamps, atol=1e-6)


@pytest.mark.parametrize("at_s", [0.05, 0.25, 0.5, 0.6])
@pytest.mark.parametrize("n_lost", [1, 8, 100])
def test_a_loss_soon_after_the_start_leaves_times_right_once_settled(at_s, n_lost):
    """Before the jitter is known a loss may pass, or be told as a new clock."""
    numbers, _ = with_loss(256.0, n_lost, at_s)
    stamps = 100 + numbers / 256

    times, losses = pushed(SampleClock(256.0), stamps, every(30, stamps.size))

    settled = max([0, *(at for at, _ in losses)]) + 4 * 256
    assert settled < 2200
    np.testing.assert_allclose(times[settled:], stamps[settled:], atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_whose_chunks_are_seldom_late_is_taken_for_another_clock_once_at_most(seed):
    """Nothing tells the first late chunk from a loss until the next one comes in time."""
    rng = np.random.default_rng(seed)
    delays = 0.05 * rng.uniform(size=1920) * (rng.uniform(size=1920) < 0.02)
    delays[:20] = 0
    stamps = 100 + np.arange(15360) / 256 + np.repeat(delays, 8)

    _, losses = pushed(SampleClock(256.0), stamps, every(8, stamps.size))

    assert [loss.reason for _, loss in losses].count("clock") <= 1
    assert not any(loss.late for _, loss in losses)


def test_losses_one_behind_the_other_are_each_told():
    numbers = np.delete(np.arange(5000), [*range(3000, 3008), 3009, *range(3400, 3500)])
    stamps = 100 + numbers / 256

    _, losses = pushed(SampleClock(256.0), stamps)

    assert [loss.n_lost for _, loss in losses] == [8, 1, 100]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("chunk_n", [8, 30])
@pytest.mark.parametrize("sfreq", RATES)
def test_chunks_that_come_up_to_50_ms_late_are_no_gap(sfreq, chunk_n, seed):
    numbers = np.arange(round(60 * sfreq))
    stamps = jittered(numbers, sfreq, chunk_n, seed)

    times, losses = pushed(SampleClock(sfreq), stamps, every(chunk_n, stamps.size))

    assert losses == []
    settled = round(15 * sfreq)
    mean_delay = 0.025
    off = times[settled:] - (100 + numbers[settled:] / sfreq + mean_delay)
    assert np.abs(off).max() < 0.008


@pytest.mark.parametrize("sfreq", [125.0, 256.0, 2048.0])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lost_s", [0.2, 1.0])
def test_a_loss_in_jittered_stamps_is_told_late_with_the_samples_in_doubt(sfreq, seed, lost_s):
    n_lost = round(lost_s * sfreq)
    numbers, at = with_loss(sfreq, n_lost)
    stamps = jittered(numbers, sfreq, 8, seed, jitter_s=0.03)

    times, losses = pushed(SampleClock(sfreq), stamps, every(8, stamps.size))

    (found, loss) = losses[0]
    assert len(losses) == 1
    assert loss.reason == "loss"
    assert abs(loss.n_lost - n_lost) <= 0.03 * sfreq
    if lost_s < SampleClock.PATIENCE_S:
        assert loss.late
        assert found - loss.late <= at <= found <= at + 2 * sfreq
    else:
        assert (found, loss.late) == (at, 0)
    delay = times[found:] - (100 + numbers[found:] / sfreq)
    assert -0.03 < delay.min()
    assert delay.max() < 0.06


@pytest.mark.parametrize("sfreq", [125.0, 250.0, 256.0, 512.0, 2048.0])
def test_stamps_rounded_to_a_millisecond_are_no_gap(sfreq):
    exact = 100 + np.arange(round(60 * sfreq)) / sfreq
    stamps = np.round(exact, 3)

    times, losses = pushed(SampleClock(sfreq), stamps, every(32, stamps.size))

    assert losses == []
    settled = round(5 * sfreq)
    np.testing.assert_allclose(times[settled:], exact[settled:], atol=3e-4)


@pytest.mark.parametrize("factor", [0.95, 0.999, 1.001, 1.05])
@pytest.mark.parametrize("jitter_s", [0.0, 0.02])
def test_a_nominal_rate_that_is_off_is_learned_and_is_no_gap(factor, jitter_s):
    numbers = np.arange(60 * 256)
    true = 256.0 * factor
    stamps = jittered(numbers, true, 8, seed=0, jitter_s=jitter_s)

    times, losses = pushed(SampleClock(256.0), stamps, every(8, stamps.size))

    assert losses == []
    exact = 100 + numbers / true + jitter_s / 2
    np.testing.assert_allclose(times[5120:], exact[5120:], atol=1e-6 + jitter_s / 5)


@pytest.mark.parametrize("back_s", [0.01, 1.0, 652_000.0])
def test_stamps_that_step_back_are_another_clock_and_no_loss(back_s):
    stamps = 653_150 + np.arange(5120) / 256
    stamps[2560:] -= back_s

    times, losses = pushed(SampleClock(256.0), stamps, every(32, stamps.size))

    assert losses == [(2560, Loss(0, bridged=False, reason="clock"))]
    np.testing.assert_allclose(times, stamps, atol=1e-6)


def test_a_restart_begins_a_line_at_the_next_sample_without_a_loss():
    clock = SampleClock(256.0)
    pushed(clock, 100 + np.arange(2560) / 256)

    clock.restart()
    times, losses = pushed(clock, 5000 + np.arange(2560) / 256)

    assert losses == []
    np.testing.assert_allclose(times, 5000 + np.arange(2560) / 256, atol=1e-6)


def test_times_only_depend_on_stamps_up_to_the_same_sample():
    numbers, _ = with_loss(256.0, 8)
    stamps = jittered(numbers, 256.0, 8, seed=2)

    whole, _ = pushed(SampleClock(256.0), stamps)
    half, _ = pushed(SampleClock(256.0), stamps[:3000])

    np.testing.assert_array_equal(whole[:3000], half)


# With the amplifier's own sample counter


@pytest.mark.parametrize(("modulus", "step"), [(256, 1), (256, 2), (65536, 1), (100, 4)])
@pytest.mark.parametrize("sfreq", [125.0, 256.0, 1000.0])
@pytest.mark.parametrize("n_lost", [1, 8, 100, 128, 200, 256, 1000])
def test_a_counter_tells_every_loss_at_once_also_beyond_its_wrap(modulus, step, sfreq, n_lost):
    numbers, at = with_loss(sfreq, n_lost)
    stamps = 100 + numbers / sfreq
    counter = (step * numbers % modulus).astype(float)

    clock = SampleClock(sfreq, counter_modulus=modulus, counter_step=step)
    _, losses = pushed(clock, stamps, every(32, stamps.size), counter)

    assert losses == [(at, Loss(n_lost, bridged=n_lost / sfreq <= 0.1))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_lost", [1, 8, 100, 300, 1000])
def test_a_counter_tells_losses_at_once_in_jittered_stamps(seed, n_lost):
    numbers, at = with_loss(256.0, n_lost)
    stamps = jittered(numbers, 256.0, 8, seed)

    clock = SampleClock(256.0, counter_modulus=256)
    _, losses = pushed(clock, stamps, every(8, stamps.size), (numbers % 256).astype(float))

    assert losses == [(at, Loss(n_lost, bridged=n_lost <= 25))]


@pytest.mark.parametrize("sfreq", [125.0, 2048.0])
def test_a_counter_that_wraps_without_loss_is_no_gap_however_late_chunks_come(sfreq):
    numbers = np.arange(round(30 * sfreq))
    stamps = jittered(numbers, sfreq, 8, seed=3)

    clock = SampleClock(sfreq, counter_modulus=256)
    _, losses = pushed(clock, stamps, every(8, stamps.size), (numbers % 256).astype(float))

    assert losses == []


def test_samples_out_of_order_are_not_taken_for_a_whole_round_of_losses():
    numbers = np.arange(5120)
    numbers[[3000, 3001]] = numbers[[3001, 3000]]
    stamps = 100 + np.arange(5120) / 256

    clock = SampleClock(256.0, counter_modulus=256)
    _, losses = pushed(clock, stamps, (), (numbers % 256).astype(float))

    assert all(loss.n_lost <= 1 for _, loss in losses)


def test_a_clock_that_steps_back_far_is_told_whatever_the_counter_says():
    numbers = np.arange(5120)
    stamps = 653_150 + numbers / 256
    stamps[2560:] -= 652_000
    counter = np.where(numbers < 2560, numbers, numbers - 2560) % 256

    clock = SampleClock(256.0, counter_modulus=256)
    times, losses = pushed(clock, stamps, (), counter.astype(float))

    assert losses == [(2560, Loss(0, bridged=False, reason="clock"))]
    np.testing.assert_allclose(times, stamps, atol=1e-6)
