from pathlib import Path

import numpy as np
import pytest

from calibration.experiments.cell_store import RUNNING, run_cells
from calibration.experiments.inside_cells import (
    _shared_out,
    _worker,
    forget_reports,
    inside,
    part_done,
    report,
    training_file,
)
from calibration.experiments.workers import on_this_machine


def test_cells_under_way_are_worth_the_parts_they_have_done(tmp_path):
    with inside("a", tmp_path):
        report(1, 4)
        with inside("b", tmp_path):
            report(9, 3)

            assert part_done(tmp_path) == 1.25
        assert part_done(tmp_path) == 0.25
    assert part_done(tmp_path) == 0.0


def test_a_report_that_is_half_written_counts_nothing(tmp_path):
    (tmp_path / "a.at").write_text("1")
    (tmp_path / "b.at").write_text("1 0")

    assert part_done(tmp_path) == 0.0
    forget_reports(tmp_path)
    assert not any(tmp_path.iterdir())


def reporting(cell, data):
    report(1, 2)
    path = training_file()
    return {"file": path.name, "part": part_done(path.parent)}


def test_the_work_of_a_cell_says_how_far_it_is_beside_the_cells(tmp_path):
    found = run_cells(reporting, [{"number": 1}, {"number": 2}], tmp_path)

    assert [result["part"] for result in found.results] == [0.5, 0.5]
    assert len({result["file"] for result in found.results}) == 2
    assert not any((tmp_path / RUNNING).iterdir())


def worker(cell, data):
    return {"worker": _worker()}


@pytest.mark.slow
def test_workers_are_numbered_so_that_each_has_its_gpu():
    cells = {number: {"number": number} for number in range(6)}
    found = {done.result["worker"] for done in on_this_machine(2)(worker, cells, {})}

    # Workers may be left from another run of the same process, which counts on.
    assert len({number % 2 for number in found}) == len(found)
    assert [_shared_out(number, 3) for number in range(4)] == [
        "cuda:0",
        "cuda:1",
        "cuda:2",
        "cuda:0",
    ]
    assert _shared_out(5, 1) == "cuda"


class Killed(BaseException):
    pass


@pytest.mark.slow
def test_a_cells_training_goes_on_where_it_was_killed(tmp_path, monkeypatch):
    from calibration.experiments import network_protocols
    from calibration.experiments.compared_trainings import Training
    from calibration.experiments.network_splits import SUBJECT_DEPENDENT, Split
    from calibration.networks import course

    monkeypatch.setattr(course.TrainingFile.__init__, "__defaults__", (0.0,))
    rng, y = np.random.default_rng(0), np.tile([0, 1], 10)
    split = Split(rng.normal(size=(20, 2, 64)), y, np.arange(20) > 15, np.zeros((2, 2, 64)), y[:2])
    cell = {name: getattr(Training(network="eegnet", max_epochs=4), name)
            for name in Training.__struct_fields__}  # fmt: skip
    cell |= {"method": "fixed", "protocol": SUBJECT_DEPENDENT, "fold": 0}
    passes = []

    def killed(done, of):
        if done == 3:
            raise Killed

    monkeypatch.setattr(network_protocols, "report", killed)
    with pytest.raises(Killed), inside("a", tmp_path):
        network_protocols.trained(cell, split)
    monkeypatch.setattr(network_protocols, "report", lambda done, of: passes.append(done))
    with inside("a", tmp_path):
        network_protocols.trained(cell, split)

    assert passes == [3, 4]
    assert not any(Path(tmp_path).iterdir())
