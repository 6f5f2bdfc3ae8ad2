"""What a network may see before it is tested, and what comes of a table of them."""

import json
import warnings

import msgspec
import numpy as np
import pytest

from bci_online.config import EvidenceSpec, Preprocessing, WindowSpec
from bci_online.console import run
from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from bci_online.metrics import proportion_interval
from calibration.__main__ import app
from calibration.experiments.accuracy_rows import summarise_accuracies
from calibration.experiments.cell_store import run_cells
from calibration.experiments.compared_methods import checked_strategies
from calibration.experiments.compared_trainings import Training
from calibration.experiments.kept_networks import CellsWithNetworks, network_files
from calibration.experiments.moabb_sets import AskedSet
from calibration.experiments.network_protocols import compute, plan
from calibration.experiments.network_sets import TrialSet
from calibration.experiments.network_splits import (
    SUBJECT_DEPENDENT,
    SUBJECT_INDEPENDENT,
    split,
)
from calibration.experiments.network_tables import WeightingComparison, evaluate_networks
from calibration.experiments.run_options import RunOptions

pytestmark = pytest.mark.filterwarnings("ignore:Montage name:FutureWarning")

BOTH = (SUBJECT_DEPENDENT, SUBJECT_INDEPENDENT)
SHORT = Training(network="min2net", max_epochs=2)


def subject(number: int, n=40) -> TrialSet:
    """Return trials whose values tell subject and row, with a rhythm that tells the class."""
    rng = np.random.default_rng(number)
    y = np.arange(n) % 2
    X = rng.normal(size=(n, 2, 80)) + np.sin(0.6 * np.arange(80)) * y[:, None, None]
    return TrialSet(
        X=(X + 100 * number + np.arange(n)[:, None, None] * 1e-3).astype(np.float32),
        y=y,
        training=np.arange(n) < n // 2,
        classes=("left_hand", "right_hand"),
        preprocessing=Preprocessing(ch_names=("C3", "C4"), sfreq=100.0),
        rejected={},
    )


@pytest.fixture(scope="module")
def subjects() -> dict[str, TrialSet]:
    return {str(number): subject(number) for number in range(1, 8)}


@pytest.fixture(scope="module")
def planned(subjects):
    return plan(subjects, BOTH, ("fixed", "alphagrad"), SHORT, "Fake")


def test_within_a_subject_each_training_trial_validates_once_and_only_others_are_tested(
    subjects, planned
):
    cells, data = planned
    own = [c for c in cells if c["protocol"] == SUBJECT_DEPENDENT and c["subject"] == "3"]
    folds = [split(c, data[c["data"]]) for c in own if c["method"] == "fixed"]

    assert len(folds) == 5
    np.testing.assert_array_equal(np.sum([f.validation for f in folds], axis=0), 1)
    for fold in folds:
        np.testing.assert_array_equal(fold.X, subjects["3"].X[:20])
        np.testing.assert_array_equal(fold.X_test, subjects["3"].X[20:])
        assert np.bincount(fold.y[fold.validation]).tolist() == [2, 2]


def test_across_subjects_the_tested_one_is_in_nothing_else_and_whole_subjects_validate(planned):
    cells, data = planned
    own = [c for c in cells if c["protocol"] == SUBJECT_INDEPENDENT and c["subject"] == "3"]
    folds = [split(c, data[c["data"]]) for c in own if c["method"] == "fixed"]

    assert len(folds) == 5
    np.testing.assert_array_equal(np.sum([f.validation for f in folds], axis=0), 1)
    for fold in folds:
        whose = np.round(fold.X.mean(axis=(1, 2)) / 100)
        assert set(whose) == {1, 2, 4, 5, 6, 7}
        assert not set(whose[fold.validation]) & set(whose[~fold.validation])
        assert set(np.round(fold.X_test.mean(axis=(1, 2)) / 100)) == {3}


def test_the_papers_split_tests_the_test_part_alone_and_trains_on_all_of_the_others(subjects):
    training = msgspec.structs.replace(SHORT, split="paper")
    cells, data = plan(subjects, BOTH, ("fixed",), training, "Fake")

    within, across = (
        split(cell, data[cell["data"]])
        for cell in cells
        if (cell["subject"], cell["fold"]) == ("3", 0)
    )

    np.testing.assert_array_equal(across.X_test, subjects["3"].X[20:])
    np.testing.assert_array_equal(within.X_test, across.X_test)
    assert len(across.y) == 6 * 40


def test_the_papers_preset_sets_all_and_what_is_typed_wins(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "calibration.experiments.network_tables.evaluate_networks",
        lambda asked, comparison, options: compared.append(comparison),
    )
    command = ["evaluate", "moabb", "--dataset", "Lee2019_MI", "--network", "min2net", "-o", "out"]
    options = ["--preset", "alphagrad-paper", "--min-epochs", "3", "--loss-weights", "1,2,3"]

    assert run(app, [*command, *options]) == 0
    assert run(app, command) == 0
    paper, plain = compared

    own = paper.training
    assert (own.monitor, own.split, own.scaling) == ("val_acc", "paper", "microvolts")
    assert own.official_softmax
    assert not own.learn_centres
    assert (own.min_epochs, own.loss_weights) == (3, (1.0, 2.0, 3.0))
    assert paper.strategies == ("fixed-1", "alphagrad", "adamt", "gradapprox")
    assert plain.training == Training(network="min2net")
    assert plain.strategies == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--preset", "alphagrad-paper"), "--preset alphagrad-paper: needs --network"),
        (("--loss-step", "0.1"), "--loss-step: needs --network"),
        (("--network", "min2net", "--preset", "epfl"), "--preset: is not for --network"),
        (("--network", "min2net", "--loss-weights", "1,x"), "--loss-weights 1,x: must be numbers"),
        (("--network", "min2net", "--loss-weights", "1,2"), "loss_weights must be 3 numbers"),
        (("--network", "min2net", "--learning-rate", "-1"), "learning_rate must be positive"),
        (("--network", "min2net", "--precision", "bfloat16"), "--precision bfloat16: is for a GPU"),
    ],
)
def test_settings_of_networks_that_do_not_fit_are_refused_in_one_line(capsys, options, message):
    assert run(app, ["evaluate", "moabb", "--dataset", "Lee2019_MI", *options, "-o", "out"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_weightings_are_compared_on_the_same_splits_and_seeds(planned):
    cells, _ = planned
    rows = [{k: v for k, v in cell.items() if k not in {"method", "estimator"}} for cell in cells]

    assert rows[::2] == rows[1::2]
    assert len(cells) == 2 * (7 * 5 + 7 * 5)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", BOTH)
def test_what_is_tested_changes_nothing_that_was_learnt(subjects, planned, protocol):
    cells, data = planned
    cell = next(c for c in cells if c["protocol"] == protocol and c["method"] == "alphagrad")
    own = data[cell["data"]]
    tested = own["1"]
    is_test = ~tested.training if protocol == SUBJECT_DEPENDENT else np.full(len(tested), True)
    loud = np.where(is_test[:, None, None], 1e3 * tested.X[::-1], tested.X)
    changed = TrialSet(
        X=loud.astype(np.float32),
        y=np.where(is_test, 1 - tested.y, tested.y),
        training=tested.training,
        classes=tested.classes,
        preprocessing=tested.preprocessing,
        rejected={},
    )

    before, after = compute(cell, own), compute(cell, {**own, "1": changed})

    learnt = ("validation_loss", "loss_weights", "best_epoch", "epochs", "n_train")
    assert [before[name] for name in learnt] == [after[name] for name in learnt]
    assert before["n_test"] == after["n_test"] == is_test.sum()


@pytest.mark.slow
def test_a_weighting_that_is_asked_for_later_costs_only_its_own_cells(subjects, tmp_path):
    few = {name: subjects[name] for name in ("1",)}
    first = plan(few, [SUBJECT_DEPENDENT], ("fixed",), SHORT, "Fake")
    later = plan(few, [SUBJECT_DEPENDENT], ("fixed", "alphagrad"), SHORT, "Fake")
    made = run_cells(compute, first[0], tmp_path, first[1])

    found = run_cells(compute, later[0], tmp_path, later[1])

    assert (made.n_kept, found.n_kept, len(found.results)) == (0, 5, 10)
    assert found.results[::2] == made.results


def test_a_longer_training_or_other_data_are_other_cells(subjects, planned):
    longer = plan(subjects, BOTH, ("fixed",), Training(network="min2net"), "Fake")[0]
    fewer = plan({n: subjects[n] for n in "123"}, BOTH, ("fixed",), SHORT, "Fake")[0]

    assert longer[0]["max_epochs"] != planned[0][0]["max_epochs"]
    assert fewer[-1]["data"] != planned[0][-1]["data"]
    assert fewer[-1]["folds"] == 2


@pytest.mark.slow
def test_a_network_across_subjects_is_kept_as_a_decoder_that_knows_the_others(subjects, tmp_path):
    window = {"window": WindowSpec(length=0.8, step=0.1), "interval": EvidenceSpec(tmin=0, tmax=1)}
    own = msgspec.structs.replace(subjects["1"].preprocessing, **window)
    everyone = {
        name: msgspec.structs.replace(trials, preprocessing=own)
        for name, trials in subjects.items()
    }
    cells, data = plan(everyone, [SUBJECT_INDEPENDENT], ("fixed",), SHORT, "Fake")
    cell = {**next(c for c in cells if c["subject"] == "3"), "keep": True}

    result = CellsWithNetworks(tmp_path)(cell, data[cell["data"]])

    assert network_files([cell]) == [path.name for path in tmp_path.iterdir()]
    decoder = read_decoder(tmp_path / "min2net-fixed-without-3.decoder")
    tested = everyone["3"]
    found = [decoder.score(epoch.astype(float)).argmax() for epoch in tested.X]
    assert np.count_nonzero(found == tested.y) == result["n_right"]
    assert decoder.header.classes == ("left_hand", "right_hand")
    assert result == compute(cell, data[cell["data"]])


def test_fbmsnet_takes_bands_and_has_its_shared_layer_whatever_the_weighting(subjects):
    training = Training(network="fbmsnet", max_epochs=1)
    own = subject(1, n=20)
    bands = np.repeat(own.X[:, np.newaxis], 9, axis=1)
    own = msgspec.structs.replace(own, X=bands)

    cells, data = plan({"1": own}, [SUBJECT_DEPENDENT], ("fixed", "fixed-1"), training, "Fake")
    found = [compute(cell, data[cell["data"]]) for cell in cells[:2]]

    assert all("shared_layer=True" in cell["estimator"] for cell in cells)
    assert [result["loss_weights"] for result in found] == [[0.0005, 1.0], [1.0, 1.0]]
    assert found[0]["n_test"] == 10


def test_a_table_holds_counts_intervals_and_signed_ranks_over_subjects():
    cells, results = [], []
    for method, gain in (("fixed", 0), ("alphagrad", 2)):
        for subject_, right in (("1", 10), ("2", 12), ("3", 16)):
            for fold in range(2):
                cells.append({"protocol": "x", "method": method, "subject": subject_, "fold": fold})
                n_right = right + gain + fold
                results.append({
                    "accuracy": n_right / 20, "n_right": n_right, "n_test": 20,
                    "macro_f1": 0.5, "commonest": 0.5, "auc": 0.7,
                })  # fmt: skip

    fixed, alphagrad = summarise_accuracies(cells, results)

    assert fixed.accuracy == pytest.approx(np.mean([10.5, 12.5, 16.5]) / 20)
    assert (fixed.n, fixed.n_right, fixed.n_decided, fixed.n_trials) == (3, 79, 120, 60)
    assert fixed.low < fixed.accuracy < fixed.high
    assert (fixed.p, fixed.n_pairs) == (None, 0)
    # Three pairs that all rise: two of eight ways to put signs to them are as far out.
    assert (alphagrad.p, alphagrad.n_pairs) == (0.25, 3)
    assert alphagrad.of_subjects == pytest.approx((0.625, 0.725, 0.925))

    (alone,) = summarise_accuracies(cells[:2], results[:2])

    assert (alone.low, alone.high) == proportion_interval(10.5, 20)
    assert alone.sd is None


@pytest.mark.slow
@pytest.mark.parametrize("paradigm", ["imagery", "ssvep", "p300"])
def test_noise_is_at_chance_in_the_table_of_a_fake_set_of_each_paradigm(paradigm, tmp_path, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        datasets = pytest.importorskip("moabb.datasets")
    events = {"ssvep": ["12.0", "8.57", "6.67"], "p300": ["NonTarget", "Target"]}
    dataset = datasets.FakeDataset(
        events.get(paradigm, ["left_hand", "right_hand"]),
        n_subjects=3, n_runs=1, duration=140, n_events=30, seed=1, paradigm=paradigm,
    )  # fmt: skip
    options = RunOptions(output=tmp_path / "out", as_json=True)

    comparison = WeightingComparison(
        training=SHORT, strategies=("fixed", "alphagrad"), protocols=(SUBJECT_INDEPENDENT,),
        keep=True,
    )  # fmt: skip

    evaluate_networks(AskedSet(dataset=dataset), comparison, options)

    told = capsys.readouterr()
    rows = json.loads(told.out)["rows"]
    assert [row["method"] for row in rows] == ["fixed", "alphagrad"]
    for row in rows:
        chance = row["commonest"]
        assert abs(row["n_right"] / row["n_decided"] - chance) < 0.2
        assert row["low"] <= row["accuracy"] <= row["high"]
    assert "the paper's is not causal" in told.err
    assert "3 subjects" in told.err
    assert len((tmp_path / "out/moabb_min2net.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert "alphagrad" in (tmp_path / "out/moabb_min2net.svg").read_text(encoding="utf-8")
    assert "6 networks across subjects, for train --from" in told.err
    header = read_decoder(tmp_path / "out/networks/min2net-alphagrad-without-2.decoder").header
    assert header.paradigm == ("p300" if paradigm == "p300" else "motor_imagery")


def test_all_weightings_are_those_there_are_and_eegnet_has_none(monkeypatch):
    pytest.importorskip("torchjd")
    names, notes = checked_strategies(["all"], "min2net")

    assert names == ("fixed", "fixed-1", "alphagrad", "adamt", "gradapprox", "uw", "dwa")
    assert notes == []
    assert checked_strategies([], "eegnet")[0] == ("fixed",)
    with pytest.raises(BciError, match="eegnet has one loss: leave --loss-weighting out"):
        checked_strategies(["alphagrad"], "eegnet")
    with pytest.raises(BciError, match="dwa: is named twice"):
        checked_strategies(["dwa", "dwa"], "min2net")

    for module in ("experiments.compared_methods", "installed"):
        monkeypatch.setattr(f"calibration.{module}.find_spec", lambda _: None)

    assert checked_strategies(["all"], "min2net")[0] == names[:5]
    assert "uw is left out" in checked_strategies(["all"], "min2net")[1][0]
    with pytest.raises(BciError, match=r"uw needs torchjd: .*bci-online\[strategies\]"):
        checked_strategies(["uw"], "min2net")


def test_protocols_without_enough_sessions_or_subjects_are_refused(subjects):
    with pytest.raises(BciError, match="needs at least 3 subjects") as told:
        plan({n: subjects[n] for n in "12"}, [SUBJECT_INDEPENDENT], ["fixed"], SHORT, "Fake")
    assert "\n" not in str(told.value)

    single = subject(1)
    single.training[:] = True
    with pytest.raises(BciError, match="has no second session, nor runs called train and test"):
        plan({"1": single}, [SUBJECT_DEPENDENT], ["fixed"], SHORT, "Fake")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--loss-weighting", "alphagrad"), "--loss-weighting: needs --network"),
        (("--protocol", "subject-dependent"), "without --network there are paper and by-run"),
        (("--network", "min2net", "--protocol", "paper"), "--network goes with subject-dependent"),
        (("--network", "min2net", "--splits", "3"), "--splits: is not for --network"),
        (("--network", "min2net", "--methods", "svm"), "--methods: is not for --network"),
        (("--network", "eegnet", "--loss-weighting", "all"), "has one loss"),
        (("--network", "min2net", "--device", "abacus"), "device 'abacus' cannot be used"),
        (("--network", "min2net", "--classes", "left_hand,nose"), "needs two or more of left_hand"),
        (("--network", "resnet"), "'resnet' is not one of"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(tmp_path, capsys, arguments, words):
    pytest.importorskip("moabb")
    named = ("evaluate", "moabb", "--dataset", "BNCI2014_001", "-o", str(tmp_path / "out"))

    code = run(app, [*named, *arguments])

    told = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("note")]
    assert code == 2
    assert len(told) == 1
    assert words in told[0]
