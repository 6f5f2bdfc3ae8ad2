import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from bci_online.config import EpochSpec
from bci_online.errors import BciError
from calibration.experiments import simulated, simulated_subjects
from calibration.experiments.cell_store import run_cells
from calibration.experiments.compared_methods import (
    EXPONENTS,
    SINGLE,
    checked_methods,
    described,
    single,
)
from calibration.experiments.simulated import Setup, p300_wave, simulate
from calibration.experiments.simulated_subjects import FLASHES, Subjects
from calibration.p300.estimators import ESTIMATORS

pytestmark = pytest.mark.slow

SMALL = Setup(n_sensors=6, n_informative=3, n_train=120, n_test=120, noise=1.0)
FEW = Subjects(n_subjects=2, n_sensors=4, n_informative=2, n_test=60, noise=1.0)


@pytest.fixture(scope="module", autouse=True)
def no_worker_is_left():
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def test_targets_differ_from_others_by_the_wave_at_the_true_sensors_alone() -> None:
    (X, y), _, true = simulate(Setup(noise=1e-9), seed=0, run=0)

    difference = X[y].mean(axis=0) - X[~y].mean(axis=0)

    wave = p300_wave(EpochSpec().latencies)
    np.testing.assert_allclose(difference[true], np.tile(wave, (8, 1)), atol=1e-6)
    others = np.setdiff1d(np.arange(16), true)
    np.testing.assert_allclose(difference[others], 0.0, atol=1e-6)
    assert y.mean() == pytest.approx(1 / 6)


def test_runs_differ_and_a_seed_gives_the_same_run_again() -> None:
    first, again, other = (simulate(SMALL, 3, run)[0][0] for run in (0, 0, 1))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_table_is_the_same_to_the_last_bit_for_any_number_of_jobs(tmp_path) -> None:
    cells = simulated.plan(("svm", "gsvm-a"), runs=1, seed=5, setup=SMALL)

    alone = run_cells(simulated.compute, cells, tmp_path / "one", jobs=1)
    shared = run_cells(simulated.compute, cells, tmp_path / "two", jobs=2)

    assert alone.results == shared.results
    assert alone.failures == ()


def test_where_the_wave_is_plain_gsvm_a_finds_the_true_sensors() -> None:
    cell = simulated.plan(("gsvm-a",), 1, 0, SMALL)[0] | {"n_train": 600}

    result = simulated.compute(cell)

    assert result["f_measure"] >= 0.85
    assert result["auc"] > 0.9


def test_methods_of_one_run_are_tested_on_the_same_flashes() -> None:
    cells = simulated.plan(("svm", "lda"), runs=1, seed=0, setup=SMALL)

    assert len({(cell["seed"], cell["split"]) for cell in cells}) == 1


def test_the_people_and_their_test_flashes_do_not_depend_on_the_training_flashes() -> None:
    few, many = (simulated_subjects.simulate(FEW, flashes, 0, 0) for flashes in FLASHES[:2])

    np.testing.assert_array_equal(few[1].X, many[1].X)
    assert few[0].y.size == 2 * FLASHES[0]
    assert not np.array_equal(few[1].X[few[1].owner == 0], few[1].X[few[1].owner == 1])


@pytest.mark.parametrize("method", ["svm", "svm-full", "mgsvm-2", "mgsvm-2s", "asymmetric"])
def test_every_multi_subject_method_learns_from_few_flashes(method) -> None:
    cell = next(
        cell
        for cell in simulated_subjects.plan((method,), 1, 0, FEW)
        if cell["flashes"] == FLASHES[2]
    )

    result = simulated_subjects.compute(cell)

    assert len(result["auc_of_subject"]) == FEW.n_subjects
    assert result["auc"] > 0.6


def test_a_method_with_another_grid_is_another_cell() -> None:
    assert len({described(name) for name in SINGLE}) == len(SINGLE)


def test_the_tables_search_all_their_exponents_not_the_few_of_a_training() -> None:
    estimator = single("gsvm-q", [])

    assert estimator.qs == EXPONENTS
    assert len(ESTIMATORS["gsvm-q"].unfitted([], False).qs) < len(EXPONENTS)
    assert "qs=(1.0, 1.33" in described("gsvm-q")


@pytest.mark.parametrize("text", ["svm,none", "svm,svm"])
def test_unknown_and_repeated_methods_are_refused(text) -> None:
    with pytest.raises(BciError, match="--methods"):
        checked_methods(text, SINGLE, SINGLE)
