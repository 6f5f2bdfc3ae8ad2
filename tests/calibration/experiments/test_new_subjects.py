"""Learning curves of a lab's own subjects."""

import csv
import shutil

import msgspec
import numpy as np
import pytest
from simulated_files import CONFIG, recording

from bci_online.console import run
from calibration.__main__ import app
from calibration.experiments.new_subjects import CURVES, compute, plan, read_new_subjects


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Return the recordings of three subjects."""
    folder = tmp_path_factory.mktemp("people")
    paths = {}
    for subject, word, seed in (("a", "THEFOX", 2), ("b", "ABCDEF", 5), ("c", "XYZXY", 6)):
        paths[subject] = [folder / f"sub-{subject}_task-p300.xdf"]
        shutil.copy(recording(word, seed), paths[subject][0])
    return paths


@pytest.fixture(scope="module")
def subjects(people):
    return read_new_subjects(people, CONFIG)[0]


@pytest.mark.slow
def test_every_subject_is_new_once_and_has_the_others_as_sources(subjects):
    for name, subject in subjects.items():
        assert {source.name for source in subject.sources} == set(subjects) - {name}
        assert subject.pool.max() < subject.test.min()


@pytest.mark.slow
def test_what_is_tested_decides_nothing_about_the_training(subjects):
    subject = subjects["a"]
    cells, _ = plan({"a": subject}, ["mgsvm-2s"], 2)
    scrambled = np.random.default_rng(0).permutation(subject.test)
    y = subject.y.copy()
    y[subject.test] = subject.y[scrambled]
    other = msgspec.structs.replace(subject, y=y)

    found, mixed = (compute(cells[0], one) for one in (subject, other))

    assert found["auc"] > 0.6
    assert abs(mixed["auc"] - 0.5) < 0.2
    assert found["selection_rate"] == mixed["selection_rate"]


@pytest.mark.slow
@pytest.mark.parametrize("method", CURVES)
def test_every_method_learns_from_a_block_of_the_flashes(method, subjects):
    cells, data = plan(subjects, [method], 2)
    cell = next(cell for cell in cells if cell["flashes"] == 50)

    result = compute(cell, data[cell["data"]])

    assert result["n_train"] == 50
    assert result["auc"] > 0.5


@pytest.mark.slow
def test_the_command_draws_the_curves(people, tmp_path, capsys):
    paths = [str(path) for own in people.values() for path in own]
    out = tmp_path / "out"

    asked = ["--protocol", "learning-curve", "--methods", "lda,lda-pooled", "--splits", "2"]
    code = run(app, ["evaluate", "recordings", *paths, *asked, "-o", str(out)])

    assert code == 0
    with (out / "learning_curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["part"], row["method"], row["n"]) for row in rows[:2]] == [
        ("25", "lda", "3"),
        ("25", "lda-pooled", "3"),
    ]
    assert (out / "learning_curve.svg").is_file()
    assert "note: subject a: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("subjects_", "options", "said"),
    [
        ("a", [], "needs recordings of two subjects or more"),
        ("ab", ["--protocol", "paper"], "use it without other protocols"),
        ("ab", ["--train-share", "0.5"], "--train-share: is not for --protocol learning-curve"),
        ("ab", ["--methods", "gsvm-a"], "'gsvm-a' is not one of svm, lda, lda-pooled"),
    ],
)
def test_a_mistake_is_one_line(people, tmp_path, capsys, subjects_, options, said):
    paths = [str(path) for name in subjects_ for path in people[name]]
    asked = ["--protocol", "learning-curve", *options, "-o", str(tmp_path / "out")]

    assert run(app, ["evaluate", "recordings", *paths, *asked]) == 2

    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert said in lines[0]
