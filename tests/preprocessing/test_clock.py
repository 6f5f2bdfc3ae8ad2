import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.preprocessing.clock import SampleClock
from bci_online.preprocessing.sample_runs import Loss

RATES = [125.0, 240.0, 256.0, 1000.0, 2048.0]


def pushed(clock, stamps, cuts=(), counter=None):
    """Return the times of all samples, and (number of the sample behind it, loss) of each loss."""
    times, losses, n = [], [], 0
    for cut in [*sorted(cuts), stamps.size]:
        # Samples that wait for a verdict are pushed again.
        stop = min(cut, stamps.size)
        piece = None if counter is None else counter[n:stop]
        covered = 0
        for run in clock.push(stamps[n:stop], piece, is_last=stop == stamps.size):
            assert run.start == covered
            assert run.times.size == run.stop - run.start
            covered = run.stop
            times.append(run.times)
            if run.loss is not None:
                losses.append((n + run.start, run.loss))
        n += covered
    assert n == stamps.size
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


def test_no_samples_give_no_runs():
    clock = SampleClock(256.0)

    assert clock.push(np.empty(0)) == []
    assert clock.push(np.empty(0), np.empty(0)) == []


@pytest.mark.slow
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
def test_a_loss_in_stamps_free_of_jitter_is_reported_at_once_with_its_count(sfreq, n_lost):
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
    assert not any(loss.late for _, loss in losses if loss.reason == "loss")


def test_losses_one_behind_the_other_are_each_reported():
    numbers = np.delete(np.arange(5000), [*range(3000, 3008), 3009, *range(3400, 3500)])
    stamps = 100 + numbers / 256

    _, losses = pushed(SampleClock(256.0), stamps)

    assert [loss.n_lost for _, loss in losses] == [8, 1, 100]


@pytest.mark.parametrize("rounded_to_s", [0.0, 0.001])
@pytest.mark.parametrize("seed", range(3))
def test_a_loss_soon_after_another_hides_none_of_those_that_follow(seed, rounded_to_s):
    rng = np.random.default_rng(seed)
    numbers = np.arange(250 * 120)
    # Forty in two minutes: many lie within the second after another.
    starts = rng.choice(np.arange(2500, numbers.size), 40, replace=False)
    lost = np.concatenate([np.arange(at, at + rng.integers(50, 250)) for at in starts])
    kept = np.delete(numbers, np.unique(lost[lost < numbers.size]))
    stamps = 100 + kept / 250
    if rounded_to_s:
        stamps = np.round(stamps / rounded_to_s) * rounded_to_s

    times, losses = pushed(SampleClock(250.0), stamps)

    assert {loss.reason for _, loss in losses} == {"loss"}
    n_true = int(kept[-1]) + 1 - kept.size
    assert sum(loss.n_lost for _, loss in losses) == pytest.approx(n_true, rel=0.03)
    assert np.median(np.abs(times - stamps)) < 0.001


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
def test_a_loss_in_jittered_stamps_is_reported_late_with_the_samples_in_doubt(sfreq, seed, lost_s):
    n_lost = round(lost_s * sfreq)
    numbers, at = with_loss(sfreq, n_lost)
    stamps = jittered(numbers, sfreq, 8, seed, jitter_s=0.03)

    times, losses = pushed(SampleClock(sfreq), stamps, every(8, stamps.size))

    (found, loss) = losses[0]
    assert len(losses) == 1
    assert loss.reason == "loss"
    assert abs(loss.n_lost - n_lost) <= 0.03 * sfreq
    assert loss.late
    assert found - loss.late <= at <= found <= at + 2.5 * sfreq
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

    assert losses == [(2560, Loss(0, bridged=False, reason="clock", step_s=-back_s))]
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


def test_a_clock_that_steps_back_far_is_reported_whatever_the_counter_says():
    numbers = np.arange(5120)
    stamps = 653_150 + numbers / 256
    stamps[2560:] -= 652_000
    counter = np.where(numbers < 2560, numbers, numbers - 2560) % 256

    clock = SampleClock(256.0, counter_modulus=256)
    times, losses = pushed(clock, stamps, (), counter.astype(float))

    assert losses == [(2560, Loss(0, bridged=False, reason="clock", step_s=-652_000.0))]
    np.testing.assert_allclose(times, stamps, atol=1e-6)
