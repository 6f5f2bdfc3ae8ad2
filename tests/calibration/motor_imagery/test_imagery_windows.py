from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from bci_online.config import Config, EvidenceSpec, FilterSpec, MarkerStream, WindowSpec
from bci_online.errors import BciError, RecordingError
from bci_online.messages import Chunk, Marker, Reading, StreamSpec
from bci_online.translation import TranslationRule
from calibration.motor_imagery.evaluation import evaluate
from calibration.motor_imagery.method_choice import Prepared
from calibration.motor_imagery.methods import CSP_LDA
from calibration.motor_imagery.trial_folds import held_out_folds, trial_folds
from calibration.motor_imagery.window_set import NO_CLASS
from calibration.motor_imagery.windows import labelled_windows

SFREQ = 128.0
CONFIG = Config(
    paradigm="motor_imagery",
    filter=FilterSpec(l_freq=8.0, h_freq=30.0),
    window=WindowSpec(length=1.0, step=0.25),
    evidence=EvidenceSpec(tmin=0.5, tmax=2.5),
)


class Noise:
    """A recording of noise with trials: rest from 0 to 3 s, cue, imagery to 6 s."""

    def __init__(self, labels, seed=0, texts=None, cues_only=False):
        rng = np.random.default_rng(seed)
        n = round((6 * len(labels) + 6) * SFREQ)
        self.spec = StreamSpec(
            name="noise", sfreq=SFREQ, ch_names=("C3", "Cz", "C4"), ch_types=("EEG",) * 3
        )
        starts = 4.0 + 6 * np.arange(len(labels))
        self.markers = []
        for start, label in zip(starts, labels, strict=True):
            self.markers += [
                Marker("trial/start", start), Marker(f"cue/{label}", start + 3.0),
                Marker("trial/end", start + 6.0),
            ]  # fmt: skip
        if cues_only:
            self.markers = [marker for marker in self.markers if marker.text.startswith("cue/")]
        if texts is not None:
            self.markers = [Marker(text, 5.0) for text in texts]
        self.chunk = Chunk(rng.normal(size=(n, 3)), np.arange(n) / SFREQ)
        self.findings = self.notes = ()

    def open(self):
        self.readings = iter([Reading(chunks=(self.chunk,), markers=tuple(self.markers))])

    def read(self, timeout=0.0):
        return next(self.readings, None)

    def close(self): ...


def windows_of(*runs, config=CONFIG):
    return labelled_windows([(f"run {n}", run) for n, run in enumerate(runs)], config)


def test_each_window_knows_its_class_its_trial_and_its_run():
    windows = windows_of(Noise(["feet", "hands"]), Noise(["hands"]))

    assert windows.classes == ("feet", "hands")
    cued = [trial for trial in windows.trials if trial.cued]
    assert [(trial.run, trial.label) for trial in cued] == [(0, "feet"), (0, "hands"), (1, "hands")]
    for label, trial, run in zip(windows.y, windows.trial, windows.run, strict=True):
        own = windows.trials[trial]
        assert run == own.run
        assert label == (windows.classes.index(own.label) if own.cued else NO_CLASS)
    assert np.sum(windows.y != NO_CLASS) == 3 * 5


def test_the_rest_before_a_cue_is_kept_and_does_not_reach_into_it():
    windows = windows_of(Noise(["feet"]))
    cue = next(trial for trial in windows.trials if trial.cued)

    rest = windows.time[(windows.y == NO_CLASS) & (windows.time < cue.time)]

    assert rest.size == 5
    assert (rest + 1.0 <= cue.time + 1e-9).all()


def test_rest_begins_a_second_after_imagery_and_lasts_as_long_as_a_trials_evidence():
    windows = windows_of(Noise(["feet", "hands"]))
    first, second = (trial for trial in windows.trials if trial.cued)

    resting = windows.time[(windows.y == NO_CLASS) & (windows.time > first.time)]
    between = resting[resting < second.time]

    end = first.time + 3.0
    assert between[0] == pytest.approx(end + 1.0)
    # `evidence.tmax` is 2.5 s, a window lasts 1 s.
    assert between[-1] == pytest.approx(end + 1.5)


def test_idle_is_what_lies_between_cues_and_after_cues_for_rest():
    windows = windows_of(Noise(["feet", "rest", "hands", "unknown"]))

    labels = {trial.label for n, trial in enumerate(windows.trials) if n in windows.trial}
    idle = {windows.trials[n].label for n in windows.trial[windows.is_idle]}
    cued = [windows.trials[n] for n in windows.trial[windows.is_idle] if windows.trials[n].cued]

    assert labels == {"feet", "rest", "hands", "unknown"}
    assert idle == {"rest"}
    assert cued
    assert (windows.y[windows.is_idle] == NO_CLASS).all()


def test_rest_is_a_class_where_the_configuration_names_it():
    labels = ["feet", "rest"]
    presentation = type(CONFIG.presentation)(classes=("feet", "rest"))
    named = Config(
        paradigm="motor_imagery",
        filter=CONFIG.filter,
        window=CONFIG.window,
        evidence=CONFIG.evidence,
        presentation=presentation,
    )

    assert windows_of(Noise(labels), config=named).classes == ("feet", "rest")
    assert windows_of(Noise(labels)).classes == ("feet",)


def test_windows_of_unknown_class_train_nothing_and_are_counted_as_trials():
    windows = windows_of(Noise(["feet", "unknown", "hands"]))

    assert windows.classes == ("feet", "hands")
    assert sum(trial.cued for trial in windows.trials) == 3


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "no cue/<class> marker"),
        (["769", "770"], "markers.translate"),
        (["trial/start"], "no cue/<class> marker"),
    ],
)
def test_a_recording_without_cues_is_refused_with_the_way_out(texts, said):
    with pytest.raises(RecordingError, match=said):
        windows_of(Noise(["feet"], texts=texts))


def test_foreign_cues_are_translated():
    rules = (TranslationRule(number=769.0, to="cue/left"), TranslationRule(number=770.0, to=""))
    config = Config(
        paradigm="motor_imagery",
        filter=CONFIG.filter,
        window=CONFIG.window,
        evidence=CONFIG.evidence,
        markers=MarkerStream(translate=rules),
    )

    windows = windows_of(Noise(["x"], texts=["769", "770"]), config=config)

    assert windows.classes == ("left",)
    assert not windows.untranslated


def test_all_windows_of_a_trial_are_in_one_fold_and_every_fold_has_every_class():
    windows = windows_of(Noise(["feet", "hands", "hands", "feet"] * 5))
    known = windows[np.flatnonzero(windows.y != NO_CLASS)]

    for train, test in trial_folds(known):
        assert not set(known.trial[train]) & set(known.trial[test])
        assert set(known.y[test]) == set(known.y[train]) == {0, 1}


def test_figures_are_by_run_where_there_are_two_and_else_by_trial_with_its_rest():
    both = windows_of(Noise(["feet", "hands"] * 4), Noise(["feet", "hands"] * 4, seed=1))
    one = windows_of(Noise(["feet", "hands"] * 4))

    assert [held_out_folds(windows)[0] for windows in (both, one)] == ["run", "trial"]
    for windows in (both, one):
        tested = np.concatenate([test for _, test in held_out_folds(windows)[1]])
        assert sorted(tested) == list(range(len(windows)))
    for train, test in held_out_folds(one)[1]:
        assert not set(one.trial[train]) & set(one.trial[test])
        assert {one.trials[n].cued for n in one.trial[test]} == {True, False}


@pytest.mark.slow
def test_without_markers_of_trials_there_is_no_rest_and_no_trial_is_tested_twice():
    windows = windows_of(Noise(["feet", "hands"] * 6, cues_only=True))
    folds = held_out_folds(windows)[1]

    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(windows)))
    assert evaluate(Prepared(CSP_LDA, CONFIG, windows)).trials == 12


@pytest.mark.slow
def test_a_trial_that_lost_every_window_is_a_timeout_as_it_is_online():
    run = Noise(["feet", "hands"] * 6)
    # Nothing was recorded behind the fourth cue.
    cue = [marker.time for marker in run.markers if marker.text.startswith("cue/")][3]
    kept = (run.chunk.stamps < cue + 0.3) | (run.chunk.stamps > cue + 2.9)
    run.chunk = Chunk(run.chunk.data[kept], run.chunk.stamps[kept])
    windows = windows_of(run)

    outcome = evaluate(Prepared(CSP_LDA, CONFIG, windows))

    assert [windows.trials[number].label for number in windows.lost] == ["hands"]
    assert outcome.trials == 12
    assert outcome.confusion["hands"]["timeout"] >= 1
    assert outcome.without_windows == 1


def test_a_trial_without_windows_for_the_chosen_method_alone_is_a_timeout_too():
    windows = windows_of(Noise(["feet", "hands"] * 6))
    own = Prepared(CSP_LDA, CONFIG, windows)
    number = int(windows.trial[windows.y >= 0][0])

    class Chosen:
        def __init__(self):
            self.windows = windows

        def trained(self, trials):
            decoder, _ = own.trained(trials)
            return decoder, windows[np.flatnonzero(windows.trial != number)]

    outcomes = [evaluate(one) for one in (own, Chosen())]

    assert [outcome.trials for outcome in outcomes] == [12, 12]
    assert [outcome.without_windows for outcome in outcomes] == [0, 1]
    assert outcomes[1].decided <= 11


def test_a_held_out_score_that_is_no_number_is_refused():
    windows = windows_of(Noise(["feet", "hands"] * 6))
    own = Prepared(CSP_LDA, CONFIG, windows)

    def trained(trials):
        decoder, tested = own.trained(trials)
        decoder.score = lambda data: np.array([0.0, np.nan])
        return decoder, tested

    with pytest.raises(BciError, match="held-out epochs are not finite: live these would be lost"):
        evaluate(SimpleNamespace(windows=windows, trained=trained))


@pytest.mark.slow
def test_cues_of_unknown_class_are_neither_trials_nor_rest():
    labels = ["feet", "hands"] * 4
    plain = windows_of(Noise(labels), Noise(labels, seed=1))
    with_unknown = windows_of(Noise(labels), Noise([*labels, "unknown"], seed=1))

    outcomes = [evaluate(Prepared(CSP_LDA, CONFIG, windows)) for windows in (plain, with_unknown)]

    assert [outcome.trials for outcome in outcomes] == [16, 16]
    # One more rest of less than three seconds, before the cue of unknown class.
    assert outcomes[1].rest_min - outcomes[0].rest_min < 3 / 60


def test_noise_is_at_chance_and_what_is_decided_at_rest_is_counted():
    windows = windows_of(*(Noise(["feet", "hands"] * 6, seed=seed) for seed in (1, 2)))

    outcome = evaluate(Prepared(CSP_LDA, CONFIG, windows))

    assert outcome.trials == 24
    assert outcome.whole_ci[0] < 0.5 < outcome.whole_ci[1]
    assert outcome.right <= outcome.decided
    assert outcome.rest_min > 0
    assert outcome.false_per_min >= 0
    assert sum(sum(row.values()) for row in outcome.confusion.values()) == 24


def test_too_few_trials_are_refused_with_their_number():
    with pytest.raises(BciError, match=r"2 feet, 2 hands: training needs .* more than 3"):
        evaluate(Prepared(CSP_LDA, CONFIG, windows_of(Noise(["feet", "hands"] * 2))))


def test_cues_for_rest_are_counted_as_rest_where_rest_is_no_class():
    labels = ["feet", "rest", "hands"] * 6
    windows = windows_of(*(Noise(labels, seed=seed) for seed in (1, 2)))

    outcome = evaluate(Prepared(CSP_LDA, CONFIG, windows))

    assert (outcome.trials, outcome.rest_cues) == (24, 12)
    assert 12 - outcome.rest_cues_kept <= outcome.n_false
    # Each cue for rest has five windows, one every 0.25 s, of which a decision ends the others.
    assert outcome.rest_min > outcome.rest_cues_kept * 5 * 0.25 / 60


@pytest.mark.slow
def test_minutes_of_rest_count_only_while_a_decision_could_come():
    windows = windows_of(Noise(["feet", "hands"] * 6))
    idle = msgspec.structs.replace(CONFIG.stopping, false_activations_per_minute=1e-6)

    outcome = evaluate(Prepared(CSP_LDA, msgspec.structs.replace(CONFIG, stopping=idle), windows))

    # Where nothing is decided, each window of rest stands for its step.
    assert outcome.n_false == 0
    assert outcome.rest_min == pytest.approx(windows.is_idle.sum() * 0.25 / 60)


def test_a_decoder_learns_idle_where_it_is_asked_to_and_there_are_enough_rests():
    windows = windows_of(Noise(["feet", "hands"] * 6))
    rows = np.arange(len(windows))
    without = msgspec.structs.replace(
        CONFIG, stopping=msgspec.structs.replace(CONFIG.stopping, idle=False)
    )
    few = np.flatnonzero((windows.y != NO_CLASS) | (windows.trial < 5))

    known = CSP_LDA.fit(windows, rows, CONFIG)
    blind = [
        CSP_LDA.fit(windows, rows, without),
        CSP_LDA.fit(windows, few, CONFIG),
        CSP_LDA.fit(windows, rows, CONFIG, stopping=False),
    ]

    assert known.header.evidence.idle == 0.5
    assert known.header.evidence.expected_false is not None
    assert known.score(windows.X[0]).shape == (3,)
    for decoder in blind:
        assert decoder.header.evidence.idle == 0.0
        assert decoder.score(windows.X[0]).shape == (2,)
    # What is not of idle stays as it is.
    for name in ("filters", "reference", "band_rms", "limits"):
        np.testing.assert_array_equal(known.arrays[name], blind[0].arrays[name])
