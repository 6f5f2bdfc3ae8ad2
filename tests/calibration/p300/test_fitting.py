"""What is chosen, and that nothing but the training epochs and the chosen sensors matter."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from recorded_signal import RecordedSignal, ran
from simulated_files import EIGHT_SENSORS as CONFIG
from simulated_files import recording_of_eight_sensors

from bci_online.config import Config, DecoderHeader, EpochSpec, Preprocessing, read_config
from bci_online.decoding.linear import LinearDecoder
from bci_online.errors import BciError, RecordingError
from calibration.method_names import EVERY_SENSOR
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import ESTIMATORS
from calibration.p300.evaluation import evaluate
from calibration.p300.fitted import FittedDecoder
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of

# Each of them trains a decoder.
pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
AVERAGE = msgspec.structs.replace(
    CONFIG, eeg=msgspec.structs.replace(CONFIG.eeg, reference="average")
)


@pytest.fixture(scope="module")
def recording() -> Path:
    return recording_of_eight_sensors()


@pytest.fixture(scope="module")
def recorded(recording) -> RecordedEpochs:
    return epochs_of([recording], CONFIG)


def rows_of(recorded: RecordedEpochs) -> np.ndarray:
    return np.arange(len(recorded.all()))


def test_epochs_that_are_cut_again_must_be_those_of_the_same_flashes(recording, monkeypatch):
    recorded = epochs_of([recording], CONFIG)
    own = recorded.all()
    later = msgspec.structs.replace(own, time=own.time + 0.25)
    monkeypatch.setattr(
        "calibration.p300.recorded_epochs.labelled_epochs", lambda *arguments: later
    )

    for _ in range(2):
        with pytest.raises(RecordingError, match="other flashes have an epoch in this band"):
            recorded.variant(own.preprocessing.filter, EpochSpec(step=0.025))


class Passed:
    """Recorded epochs that pass through a function first."""

    def __init__(self, recorded: RecordedEpochs, through: Callable[[EpochSet], EpochSet]) -> None:
        self.recorded, self.through = recorded, through

    def all(self) -> EpochSet:
        return self.through(self.recorded.all())

    def of(self, ch_names: tuple[str, ...]) -> EpochSet:
        return self.through(self.recorded.of(ch_names))

    def made_with(self, preprocessing: Preprocessing) -> EpochSet:
        return self.of(preprocessing.ch_names)


def decoder_of(fitted: FittedDecoder, config: Config) -> LinearDecoder:
    """Return the online form, without the file in between."""
    header = DecoderHeader(
        method="test",
        preprocessing=fitted.preprocessing,
        layout=config.layout,
        stopping=config.stopping,
        evidence=fitted.evidence,
    )
    return LinearDecoder(header, fitted.arrays())


def equal(a: FittedDecoder, b: FittedDecoder) -> None:
    assert a.preprocessing.ch_names == b.preprocessing.ch_names
    for name, array in a.arrays().items():
        np.testing.assert_array_equal(array, b.arrays()[name])


@pytest.mark.parametrize(
    ("method", "refit"),
    [*((method, "lda") for method in ESTIMATORS), ("gsvm-2", "btlda"), ("gsvm-time", "none")],
)
def test_every_method_keeps_to_the_number_of_sensors_asked_for(recorded, method, refit) -> None:
    names = recorded.all().preprocessing.ch_names

    fitted = LinearMethod(name=method, refit=refit, sensors=2).fit(
        recorded, rows_of(recorded), CONFIG
    )

    chosen = fitted.preprocessing.ch_names
    assert fitted.choice.sensors == chosen == tuple(n for n in names if n in chosen)
    assert 1 <= len(chosen) <= 2
    assert fitted.coef.shape == (len(chosen), fitted.center.shape[1])
    assert not set(chosen) & {"F7", "F8", "T7"}
    assert [one.name for one in fitted.choice.tried] == ["path", "elimination"]
    # Only a path, and weights that are not replaced, have a λ.
    has_lambda = fitted.choice.way == "path" or method == "svm" or refit == "none"
    assert (fitted.choice.alpha is not None) == has_lambda
    assert (fitted.choice.lam is not None) == has_lambda


@pytest.mark.parametrize("method", ESTIMATORS)
def test_every_method_tells_what_it_chose(recorded, method) -> None:
    choice = LinearMethod(name=method).fit(recorded, rows_of(recorded), CONFIG).choice

    assert {"Cz", "Pz"} & set(choice.sensors)
    assert (choice.alpha is None) == (method in EVERY_SENSOR and method != "svm")
    assert (choice.lam is None) == (method in EVERY_SENSOR and method != "svm")
    expected = {"svm-1": (1.0,), "gsvm-2": (2.0,), "gsvm-a": (2.0,), "gsvm-q": (1.0, 2.0, np.inf)}
    assert choice.q in expected.get(method, (None,))
    assert choice.frequency is None


def test_lda_takes_the_sensors_of_gsvm_2(recorded) -> None:
    by_lda = LinearMethod(name="lda", sensors=3).fit(recorded, rows_of(recorded), CONFIG)
    by_path = LinearMethod(name="gsvm-2", sensors=3).fit(recorded, rows_of(recorded), CONFIG)

    equal(by_lda, by_path)


def test_as_many_sensors_as_there_are_is_all_of_them(recorded) -> None:
    asked = LinearMethod(name="lda", sensors=8).fit(recorded, rows_of(recorded), CONFIG)
    plain = LinearMethod(name="lda").fit(recorded, rows_of(recorded), CONFIG)

    equal(asked, plain)


def test_more_sensors_than_there_are_is_refused(recorded) -> None:
    with pytest.raises(BciError, match=r"--sensors 9: only 8 are recorded .* ask for fewer"):
        LinearMethod(name="gsvm-2", sensors=9).fit(recorded, rows_of(recorded), CONFIG)


def test_few_sensors_are_enough_where_few_carry_the_response(recorded) -> None:
    fitted = LinearMethod(name="gsvm-2", sensors="auto").fit(
        recorded, rows_of(recorded), CONFIG, resamples=5
    )

    assert len(fitted.choice.sensors) < 8
    assert sum(fitted.choice.frequency.values()) == pytest.approx(len(fitted.choice.sensors))
    assert fitted.choice.frequency.keys() == set(recorded.all().preprocessing.ch_names)


def test_a_preferred_place_draws_the_choice_to_it(recorded) -> None:
    anywhere = LinearMethod(name="gsvm-2", sensors=1).fit(recorded, rows_of(recorded), CONFIG)
    preferred = [
        LinearMethod(name="gsvm-2", sensors=1, preferred=(place,)).fit(
            recorded, rows_of(recorded), CONFIG
        )
        for place in ("Cz", "Pz")
    ]

    chosen = {fitted.choice.sensors for fitted in preferred}
    assert anywhere.choice.sensors in chosen
    assert chosen == {("Cz",), ("Pz",)}


@pytest.mark.parametrize(
    ("method", "refit"), [("gsvm-2", "btlda"), ("gsvm-a", "none"), ("svm", "lda")]
)
def test_prices_stay_with_their_sensors(recorded, method, refit) -> None:
    how = {"refit": refit, "preferred": ("Pz",)}

    fitted = LinearMethod(name=method, **how).fit(recorded, rows_of(recorded), CONFIG)

    assert fitted.coef.shape[0] == len(fitted.choice.sensors)


@pytest.mark.parametrize("sensors", [2, "auto"])
def test_what_is_held_out_changes_neither_the_choice_nor_the_weights(recorded, sensors) -> None:
    rows = np.flatnonzero(recorded.all().letter < 4)
    rng = np.random.default_rng(0)

    def spoilt(epochs):
        X, y = epochs.X.copy(), epochs.y.copy()
        others = np.setdiff1d(np.arange(len(epochs)), rows)
        X[others] = 1e3 * rng.normal(size=X[others].shape)
        y[others] = ~y[others]
        return msgspec.structs.replace(epochs, X=X, y=y)

    as_it_is = LinearMethod(name="gsvm-2", sensors=sensors).fit(recorded, rows, CONFIG)
    found = LinearMethod(name="gsvm-2", sensors=sensors).fit(Passed(recorded, spoilt), rows, CONFIG)

    equal(as_it_is, found)


def test_the_choice_is_made_again_in_every_outer_fold(recorded) -> None:
    asked = []

    def watched(epochs):
        asked.append(epochs.preprocessing.ch_names)
        return epochs

    method = LinearMethod(name="gsvm-2", sensors=2)
    outcome = evaluate(Passed(recorded, watched), method, CONFIG)

    assert outcome.sensors == (2,) * outcome.n_folds
    # Each fold asks once to train and once to test on its own sensors.
    assert sum(len(names) == 2 for names in asked) == 2 * outcome.n_folds


def alone(signal: RecordedSignal, names: tuple[str, ...]) -> RecordedSignal:
    """Return the signal of some sensors as if nothing else had been recorded."""
    kept = [signal.spec.ch_names.index(name) for name in names]
    spec = msgspec.structs.replace(signal.spec, ch_names=names, ch_types=("EEG",) * len(names))
    return replace(signal, spec=spec, data=signal.data[:, kept])


@pytest.mark.parametrize(
    ("config", "sensors"), [(CONFIG, "auto"), (AVERAGE, 3)], ids=["recorded", "average"]
)
def test_a_stream_with_only_the_chosen_sensors_in_any_order_decides_the_same(
    recording, config, sensors
) -> None:
    recorded = epochs_of([recording], config)
    fitted = LinearMethod(name="gsvm-2", sensors=sensors).fit(recorded, rows_of(recorded), config)
    decoder = decoder_of(fitted, config)
    signal = RecordedSignal.of(recording)

    whole = ran(decoder, signal)
    only = ran(decoder, alone(signal, fitted.choice.sensors[::-1]))

    assert len(fitted.choice.sensors) < 8
    assert len(whole.decisions) == 5
    assert only.decisions == whole.decisions
    for marker, score in whole.scores.items():
        np.testing.assert_array_equal(only.scores[marker].values, score.values)


def test_eight_of_sixty_four_recorded_electrodes_alone_decide_the_same(data_dir) -> None:
    config = read_config(CONFIGS / "p300_wadsworth.toml")
    paths = sorted((data_dir / "p300_wadsworth").glob("*ses-10*.xdf"))
    recorded = epochs_of(paths, config)
    fitted = LinearMethod(name="lda", sensors=8).fit(recorded, rows_of(recorded), config)
    decoder = decoder_of(fitted, config)
    signal = RecordedSignal.of(data_dir / "p300_wadsworth/sub-01_ses-11_run-01.xdf")
    order = np.random.default_rng(1).permutation(8)

    whole = ran(decoder, signal)
    only = ran(decoder, alone(signal, tuple(fitted.choice.sensors[i] for i in order)))

    assert len(fitted.choice.sensors) == 8
    assert only.decisions == whole.decisions
    assert len(only.decisions) == 3
    for marker, score in whole.scores.items():
        np.testing.assert_array_equal(only.scores[marker].values, score.values)


def test_some_letters_with_an_average_reference_can_be_cut_again_on_some_sensors(recording) -> None:
    some = epochs_of([recording], AVERAGE, frozenset({1, 2}))

    chosen = some.of(("Cz", "Pz"))

    assert set(chosen.letter) == {0, 1}
    np.testing.assert_array_equal(chosen.time, some.all().time)
    np.testing.assert_allclose(chosen.X.sum(axis=1), 0.0, atol=1e-9)
