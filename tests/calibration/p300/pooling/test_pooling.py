"""Other subjects' recordings beside a new one's."""

import msgspec
import numpy as np
import pytest
from sklearn.base import clone

from bci_online.config import Config, EpochSpec, Preprocessing, read_config
from bci_online.errors import RecordingError
from bci_online.metrics import auc
from calibration.common_sensors import common_sensors
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.method_names import POOLED
from calibration.p300.epochs import EpochSet
from calibration.p300.pooling.classifier import PooledClassifier
from calibration.p300.pooling.lag import estimate_lag
from calibration.p300.pooling.lag_window import lag_config
from calibration.p300.pooling.sources import PoolSource, pool_source
from calibration.p300.recorded_epochs import epochs_of

EPOCH = EpochSpec(tmin=0.0, tmax=0.75, step=0.05)
NAMES = ("Fz", "Cz", "Pz", "Oz")
GAINS = np.array([1.0, 0.8, 1.2, 0.1])


def response(times, delay):
    """Return a P300 that comes `delay` seconds late, shape (n_channels, n_times)."""
    late = times - delay
    wave = np.exp(-0.5 * ((late - 0.3) / 0.07) ** 2) - 0.6 * np.exp(
        -0.5 * ((late - 0.17) / 0.05) ** 2
    )
    return GAINS[:, np.newaxis] * wave


def smooth_noise(rng, shape):
    """Return noise that is as smooth as the band allows, sampled every 10 ms."""
    white = rng.normal(size=(*shape[:2], shape[2] + 16))
    kernel = np.hanning(17)
    kernel /= np.linalg.norm(kernel)
    return np.apply_along_axis(np.convolve, 2, white, kernel, "valid")


def source(seed, n=600, delay=0.0, unit=1.0, strength=1.0, name="other"):
    rng = np.random.default_rng(seed)
    y = rng.permutation(n) < n // 6
    times = np.arange(-15, 91) * 0.01
    dense = smooth_noise(rng, (n, 4, times.size))
    dense[y] += strength * response(times, delay)
    return PoolSource(
        name=name, dense=unit * dense, y=y, ch_names=NAMES, per_step=5, n_times=16, step=0.05
    )


def newcomer(seed, n, delay=0.0, unit=1.0):
    one = source(seed, n, delay, unit)
    return one.at(0.0), one.y


def test_a_source_at_a_lag_is_its_signal_that_much_later():
    one = source(0)

    later = one.at(0.05)

    np.testing.assert_array_equal(later[:, :, :-1], one.at(0.0)[:, :, 1:])
    assert one.lags[0] == pytest.approx(-0.15)
    assert one.at(one.lags[-1]).shape == one.at(one.lags[0]).shape == (600, 4, 16)


@pytest.mark.parametrize("delay", [-0.1, -0.07, 0.0, 0.07, 0.12])
def test_a_lag_is_found_to_a_hundredth_of_a_second_or_two(delay):
    X, y = newcomer(1, 300)

    lag = estimate_lag(source(2, delay=delay), X, y)

    assert lag.seconds == pytest.approx(delay, abs=0.021)
    assert f"{1000 * lag.seconds:+.0f} ms" in lag.described("other") or not lag.known


def test_a_short_lag_is_said_and_not_applied():
    lag = estimate_lag(source(2, delay=0.03), *newcomer(1, 600))

    assert 0 < abs(lag.found) < 0.04
    assert lag.evidence > 3
    assert (lag.seconds, lag.known) == (0.0, False)
    assert "ms, is shorter than 40 ms" in lag.described("other")


def test_a_lag_does_not_depend_on_either_recordings_unit():
    X, y = newcomer(1, 300)

    plain = estimate_lag(source(2, delay=0.1), X, y)
    scaled = estimate_lag(source(2, delay=0.1, unit=37.0), 1e-6 * X, y)

    assert scaled.seconds == plain.seconds
    assert scaled.evidence == pytest.approx(plain.evidence)


def test_a_source_without_a_response_is_hardly_ever_shifted():
    one = source(5, strength=0.0)
    shifted = [estimate_lag(one, *newcomer(100 + seed, 50)).known for seed in range(40)]

    assert sum(shifted) <= 6


def test_an_uncertain_lag_is_said_and_not_applied():
    lag = estimate_lag(source(2, strength=0.0), *newcomer(1, 40))

    assert lag.seconds == 0.0
    assert "not shifted, no lag is certain" in lag.described("other")


def test_a_source_that_tells_nothing_of_the_new_subject_is_left_out_and_that_is_said():
    X, y = newcomer(1, 300)
    blind = source(2, strength=0.0)

    model = PooledClassifier("lda", (blind, source(3))).fit(X, y)

    without = PooledClassifier("lda", (source(3),)).fit(X, y)
    assert [lag.reads for lag in model.lags_] == [False, True]
    assert model.lags_[0].described("other").startswith("other: left out")
    np.testing.assert_allclose(model.coef_, without.coef_)


@pytest.mark.parametrize("method", POOLED)
def test_where_no_source_helps_the_new_subject_is_learnt_alone(method):
    X, y = newcomer(1, 300)
    X_new, y_new = newcomer(11, 1500)

    model = PooledClassifier(method, (source(2, strength=0.0),)).fit(X, y)

    alone = auc(y_new, ShrinkageLDA().fit(X, y).decision_function(X_new))
    assert auc(y_new, model.decision_function(X_new)) > alone - 0.03


def test_a_response_beyond_the_range_is_not_taken_for_its_end():
    lag = estimate_lag(source(2, delay=0.16), *newcomer(1, 600, delay=-0.03))

    assert not lag.known
    assert "the end of ±150 ms" in lag.described("other")


@pytest.mark.parametrize("method", sorted({*POOLED} - {"mgsvm-2"}))
def test_sources_help_a_subject_with_few_flashes(method):
    X, y = newcomer(1, 60)
    X_new, y_new = newcomer(11, 1500)
    sources = (source(2, unit=20.0), source(3))

    pooled = PooledClassifier(method, sources).fit(X, y)

    alone = auc(y_new, ShrinkageLDA().fit(X, y).decision_function(X_new))
    assert auc(y_new, pooled.decision_function(X_new)) > alone + 0.02


def test_alignment_makes_a_late_source_as_good_as_a_punctual_one():
    X, y = newcomer(1, 120)
    X_new, y_new = newcomer(11, 1500)

    def area(delay, align):
        model = PooledClassifier("lda", (source(2, delay=delay),), align=align).fit(X, y)
        return auc(y_new, model.decision_function(X_new))

    assert area(0.1, False) < area(0.0, False) - 0.05
    assert area(0.1, True) > area(0.0, False) - 0.02


@pytest.mark.parametrize("method", POOLED)
def test_the_decision_is_linear_in_the_raw_input_and_blind_to_units(method):
    X, y = newcomer(1, 80)
    units = np.array([1.0, 40.0, 1e-3, 7.0])[:, np.newaxis]
    sources = (source(2),)

    plain = PooledClassifier(method, sources).fit(X, y)
    scaled = PooledClassifier(method, sources).fit(units * X, y)

    by_hand = np.tensordot(X, plain.coef_, axes=2) + plain.intercept_
    np.testing.assert_allclose(plain.decision_function(X), by_hand)
    np.testing.assert_allclose(
        scaled.decision_function(units * X), by_hand, atol=1e-4 * np.abs(by_hand).max()
    )


def test_the_order_of_the_sources_does_not_matter():
    X, y = newcomer(1, 80)
    a, b = source(2), source(3, delay=0.05)

    one, other = (PooledClassifier("mgsvm-2s", order).fit(X, y) for order in ((a, b), (b, a)))

    np.testing.assert_allclose(one.coef_, other.coef_, atol=1e-4 * np.abs(one.coef_).max())


def folds(n, n_folds=4):
    parts = np.array_split(np.arange(n), n_folds)
    return [(np.setdiff1d(np.arange(n), part), part) for part in parts]


@pytest.mark.slow
def test_few_flashes_do_not_move_the_default_strength():
    moved = []
    for seed in range(4):
        X, y = newcomer(200 + seed, 60)
        moved.append(PooledClassifier("mgsvm-2s", (source(2),), cv=folds(60)).fit(X, y).moved_)

    assert sum(moved) <= 1


def test_a_clone_shares_the_sources_and_copies_nothing():
    one = source(2)

    assert clone(PooledClassifier("lda", (one,))).sources[0] is one


def test_on_the_chosen_sensors_the_sources_have_only_those_too():
    X, y = newcomer(1, 300)
    model = PooledClassifier("mgsvm-2s", (source(2),), alpha=0.6).fit(X, y)

    fewer = model.on_chosen().fit(X[:, model.sensors_], y)

    assert 0 < model.sensors_.size < 4
    assert fewer.coef_.shape == (model.sensors_.size, 16)
    assert fewer.alpha_ == 0.6
    assert fewer.sources[0].ch_names == tuple(NAMES[sensor] for sensor in model.sensors_)
    np.testing.assert_array_equal(fewer.sources[0].dense, source(2).dense[:, model.sensors_])


def test_an_average_reference_is_that_of_the_sensors_that_are_left():
    average = msgspec.structs.replace(source(2), average=True)
    referenced = average.dense - average.dense.mean(axis=1, keepdims=True)
    average = msgspec.structs.replace(average, dense=referenced)

    fewer = average.on(("Pz", "Cz"))

    of_two = source(2).dense[:, [2, 1]]
    np.testing.assert_allclose(fewer.dense, of_two - of_two.mean(axis=1, keepdims=True), atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"method": "magic"}, "magic"), ({"sources": ()}, "at least one PoolSource")],
)
def test_wrong_parameters_are_refused_by_name(changes, message):
    model = PooledClassifier(**({"sources": (source(2),)} | changes))

    with pytest.raises(ValueError, match=message):
        model.fit(*newcomer(1, 40))


def test_a_source_of_one_class_is_refused():
    epochs = EpochSet(
        X=np.ones((5, 4, 106)), y=np.zeros(5, dtype=bool), letter=np.zeros(5, dtype=int),
        run=np.zeros(5, dtype=int), code=np.zeros(5, dtype=int), time=np.arange(5.0),
        peak_to_peak=np.ones((5, 4)), letters=(), rejected={},
        preprocessing=Preprocessing(ch_names=NAMES, sfreq=100.0),
    )  # fmt: skip

    with pytest.raises(RecordingError, match="targets and others"):
        pool_source("a.xdf", epochs, EPOCH, NAMES)


@pytest.mark.slow
def test_a_source_at_no_lag_is_what_the_online_chain_makes_of_it(data_dir):
    recording = data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"
    config = Config()
    plain = epochs_of([recording], config).all()

    wide = epochs_of([recording], lag_config(config, config, 256.0)).all()
    pooled = pool_source("bci2000", wide, config.epoch, plain.preprocessing.ch_names)

    np.testing.assert_array_equal(pooled.y, plain.y)
    np.testing.assert_allclose(pooled.at(0.0), plain.X, atol=1e-9)


@pytest.mark.slow
def test_bci2000_answers_about_a_tenth_of_a_second_before_wadsworth(data_dir):
    target = read_config(None)
    runs = sorted((data_dir / "p300_wadsworth").glob("*ses-11*.xdf"))
    recording = data_dir / "p300_bci2000/sub-01_ses-01_run-01.xdf"
    new = epochs_of(runs, target).all()
    wide = epochs_of([recording], lag_config(target, target, 256.0)).all()
    names, _ = common_sensors(new.preprocessing.ch_names, {"bci2000": wide.preprocessing.ch_names})
    columns = [new.preprocessing.ch_names.index(name) for name in names]

    lag = estimate_lag(
        pool_source("bci2000", wide, target.epoch, names), new.X[:400, columns], new.y[:400]
    )

    assert lag.known
    assert -0.14 < lag.seconds < -0.07
