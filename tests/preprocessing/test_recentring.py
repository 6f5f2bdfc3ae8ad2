import base64

import numpy as np
import pytest

from bci_online.preprocessing.believed_classes import Believed
from bci_online.preprocessing.recentring import Recentring
from bci_online.preprocessing.window_covariances import compressed, covariance


def spd(rng, n=4):
    root = rng.normal(size=(n, 2 * n))
    return root @ root.T


def test_before_the_first_trial_is_over_nothing_changes():
    window = np.random.default_rng(0).normal(size=(4, 50))
    recentring = Recentring(spd(np.random.default_rng(1))[np.newaxis])

    recentring.learn(0, window)

    np.testing.assert_array_equal(recentring.apply(window), window)
    assert not np.shares_memory(recentring.apply(window), window)


def test_a_session_that_lies_elsewhere_is_brought_back_in_the_long_run():
    rng = np.random.default_rng(2)
    reference = spd(rng)[np.newaxis]
    other = np.linalg.cholesky(spd(rng))
    recentring = Recentring(reference)

    for trial in range(300):
        recentring.learn(trial, other @ rng.normal(size=(4, 400)))
        recentring.finish_trial()
    brought = [recentring.apply(other @ rng.normal(size=(4, 400))) for _ in range(300)]

    mean = np.mean([covariance(window, 1) for window in brought], axis=0)
    assert np.abs(mean - reference).max() < 0.1 * np.abs(reference).max()


def test_trials_whose_mean_covariance_is_that_of_calibration_change_nothing():
    rng = np.random.default_rng(3)
    window = rng.normal(size=(4, 100))
    recentring = Recentring(covariance(window, 1))

    for trial in range(5):
        recentring.learn(trial, window)
        recentring.finish_trial()

    np.testing.assert_allclose(recentring.apply(window), window, atol=1e-9)


def test_a_window_taken_back_does_not_count():
    rng = np.random.default_rng(4)
    good, bad = rng.normal(size=(4, 100)), 1e3 * rng.normal(size=(4, 100))
    reference = np.eye(4)[np.newaxis]
    with_bad, without = Recentring(reference), Recentring(reference)

    with_bad.learn(0, good)
    with_bad.learn(1, bad)
    with_bad.retract(1)
    without.learn(0, good)
    for recentring in (with_bad, without):
        recentring.finish_trial()

    np.testing.assert_array_equal(with_bad.apply(good), without.apply(good))


def test_each_band_is_recentred_on_its_own():
    rng = np.random.default_rng(5)
    window = rng.normal(size=(8, 100))
    reference = np.stack([spd(rng), spd(rng)])
    both = Recentring(reference)
    alone = [Recentring(reference[:1]), Recentring(reference[1:])]

    both.learn(0, window)
    both.finish_trial()
    for recentring, rows in zip(alone, (window[:4], window[4:]), strict=True):
        recentring.learn(0, rows)
        recentring.finish_trial()

    parts = [alone[0].apply(window[:4]), alone[1].apply(window[4:])]
    np.testing.assert_allclose(both.apply(window), np.concatenate(parts), rtol=1e-12)


def test_an_average_reference_without_power_in_one_direction_stays_finite():
    rng = np.random.default_rng(6)
    window = rng.normal(size=(4, 100))
    window -= window.mean(axis=0)
    recentring = Recentring(covariance(window, 1))

    recentring.learn(0, 2 * window)
    recentring.finish_trial()

    assert np.isfinite(recentring.apply(window)).all()
    assert np.abs(recentring.apply(window)).max() < 10


def session(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(4, 60)) * [[1], [2], [3], [4]] for _ in range(6)]


def recentred(recentring: Recentring, windows: list[np.ndarray]) -> list[np.ndarray]:
    found = []
    for trial, window in enumerate(windows):
        recentring.learn(trial, window)
        found.append(recentring.apply(window))
        recentring.finish_trial()
    return found


def test_a_run_that_goes_on_from_an_earlier_one_is_like_one_long_run():
    reference = spd(np.random.default_rng(3), n=4)[np.newaxis]
    first, second = session(4), session(5)
    before, after = Recentring(reference), Recentring(reference)

    long = recentred(Recentring(reference), first + second)
    recentred(before, first)
    assert after.carry(before.carried)

    np.testing.assert_allclose(recentred(after, second), long[len(first) :])


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "3", "3 !!", "-1 AAAA", "99999999999 AAAA", "0 " + "A" * 171 + "=", "3 AAAA"],
)
def test_what_is_no_carried_text_is_refused_and_changes_nothing(text):
    recentring = Recentring(np.eye(4)[np.newaxis])

    assert not recentring.carry(text)
    assert recentring.carried == ""


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((4, 4), np.nan),
        np.triu(np.ones((4, 4))),
        1e40 * np.eye(4),
        -100 * np.eye(4),
        np.diag([1.0, 1.0, 1.0, -100.0]),
    ],
)
def test_carried_matrices_that_are_no_covariances_are_refused(wrong):
    text = f"3 {base64.b64encode(wrong.astype('<f8').tobytes()).decode()}"

    assert not Recentring(np.eye(4)[np.newaxis]).carry(text)


def test_a_compressed_window_has_the_same_covariances_and_is_recentred_alike():
    window = np.random.default_rng(6).normal(size=(8, 90))
    recentring = Recentring(np.stack([spd(np.random.default_rng(seed)) for seed in (7, 8)]))
    recentred(recentring, [np.random.default_rng(9).normal(size=(8, 90))])

    small = compressed(window, n_bands=2)

    assert small.shape == (8, 4)
    for one, other in ((small, window), (recentring.apply(small), recentring.apply(window))):
        np.testing.assert_allclose(covariance(one, 2), covariance(other, 2), rtol=1e-9, atol=1e-12)


class Shown:
    """A belief that knows the class: it is the larger of two values."""

    misfit = 0.0
    carried = "shown"

    def carry(self, carried):
        return carried == self.carried

    def observe(self, total, n_windows):
        pass

    def posterior(self, total, n_windows):
        return (total == total.max()).astype(float)


def two_classes(misfit: float = 0.0) -> Recentring:
    classes = np.stack([np.diag([4.0, 1.0])[np.newaxis], np.diag([1.0, 4.0])[np.newaxis]])
    belief = Shown()
    belief.misfit = misfit
    return Recentring(
        classes.mean(axis=0), Believed(classes, lambda data: data.std(axis=1), belief)
    )


def trials_of(label: int, seed: int, gain: float = 1.0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    spread = gain * np.where(np.arange(2) == label, 2.0, 1.0)[:, np.newaxis]
    return [spread * rng.normal(size=(2, 400)) for _ in range(40)]


@pytest.mark.parametrize("gain", [1.0, 3.0])
def test_one_class_all_the_time_is_not_taken_for_a_change_but_a_gain_is(gain):
    recentring = two_classes()

    last = recentred(recentring, trials_of(0, seed=1, gain=gain))[-1]

    assert last.std(axis=1) == pytest.approx([2.0, 1.0], rel=0.15)


def test_where_the_session_is_not_as_calibration_its_classes_do_not_count():
    windows = trials_of(0, seed=1)

    found = recentred(two_classes(misfit=1.0), windows)

    plain = recentred(Recentring(np.diag([2.5, 2.5])[np.newaxis]), windows)
    np.testing.assert_allclose(found, plain)


def test_a_run_goes_on_with_the_classes_of_an_earlier_one():
    first, second = trials_of(0, seed=1), trials_of(1, seed=2)
    before, after = two_classes(), two_classes()

    long = recentred(two_classes(), first + second)
    recentred(before, first)
    assert after.carry(before.carried)

    np.testing.assert_allclose(recentred(after, second), long[len(first) :])


def test_carried_text_of_another_kind_is_refused():
    plain = Recentring(np.diag([2.5, 2.5])[np.newaxis])
    recentred(plain, trials_of(0, seed=1))
    own = two_classes()
    recentred(own, trials_of(0, seed=1))
    parts = own.carried.split(" ")

    assert not two_classes().carry(plain.carried)
    assert not Recentring(np.diag([2.5, 2.5])[np.newaxis]).carry(own.carried)
    assert not two_classes().carry(" ".join([*parts[:3], "other"]))
    assert not two_classes().carry(" ".join([parts[0], parts[1], parts[1], parts[3]]))


def test_what_a_trial_teaches_is_the_same_whenever_it_is_computed():
    waits, at_once = two_classes(), two_classes()

    for window in trials_of(0, seed=1)[:3]:
        for recentring in (waits, at_once):
            recentring.learn(0, window)
            recentring.finish_trial()
            recentring.retract(0)
        at_once.settle()

    assert waits.carried == at_once.carried


def test_values_of_covariances_need_no_samples():
    classes = np.stack([np.diag([4.0, 1.0])[np.newaxis], np.diag([1.0, 4.0])[np.newaxis]])

    def power(window):
        return covariance(window, 1)[0].diagonal()

    of_samples, of_covariances = (
        Recentring(classes.mean(axis=0), Believed(classes, power, Shown()), needs_samples)
        for needs_samples in (True, False)
    )

    windows = trials_of(0, seed=1)[:5]
    for trial, window in enumerate(windows):
        for recentring in (of_samples, of_covariances):
            recentring.learn(trial, recentring.smallest(window))
            recentring.finish_trial()

    assert of_samples.smallest(windows[0]) is windows[0]
    assert of_covariances.smallest(windows[0]).shape == (2, 2)
    found, expected = (
        covariance(recentring.apply(recentring.smallest(windows[0])), 1)
        for recentring in (of_covariances, of_samples)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_window_that_is_taken_back_has_no_class():
    with_bad, without = two_classes(), two_classes()
    good, bad = trials_of(0, seed=1)[0], trials_of(1, seed=2)[0]
    with_bad.learn(1, good)
    with_bad.learn(2, bad)
    with_bad.retract(2)
    without.learn(1, good)
    for one in (with_bad, without):
        one.finish_trial()

    np.testing.assert_array_equal(with_bad.apply(bad), without.apply(bad))


def test_a_short_window_of_the_ring_is_learnt_as_it_was():
    rng = np.random.default_rng(8)
    reference, ring = spd(rng)[np.newaxis], rng.normal(size=(4, 3))
    known, kept = Recentring(reference), Recentring(reference)

    known.learn(0, ring.copy())
    kept.learn(0, ring)
    for one in (known, kept):
        one.finish_trial()
    # New samples come before what the trial teaches is computed.
    ring[:] = 100.0

    assert kept.carried == known.carried
