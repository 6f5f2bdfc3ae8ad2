import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor
from slow_cells import blas_threads, noted
from threadpoolctl import threadpool_limits

from bci_online.errors import BciError
from calibration.code_hash import code_hash
from calibration.experiments.cell_store import CellFiles, cell_key, run_cells

SUPPORT = Path(__file__).resolve().parents[2] / "support"


@pytest.fixture(scope="module", autouse=True)
def no_worker_is_left():
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def table(folder: Path, n: int = 4, **more) -> list[dict]:
    return [{"number": number, "log": str(folder / "log"), **more} for number in range(n)]


def computed(folder: Path) -> list[int]:
    lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    return sorted(int(line.split()[0]) for line in lines)


def doubles(found) -> list:
    return [None if result is None else result["double"] for result in found.results]


def test_a_finished_cell_is_never_computed_again(tmp_path) -> None:
    first = run_cells(noted, table(tmp_path), tmp_path / "cells")
    again = run_cells(noted, table(tmp_path), tmp_path / "cells")

    assert doubles(first) == doubles(again) == [0, 2, 4, 6]
    assert (first.n_kept, again.n_kept) == (0, 4)
    assert computed(tmp_path) == [0, 1, 2, 3]
    assert again.notes() == ["4 of 4 cells were there from before"]


def test_a_changed_parameter_is_a_new_cell(tmp_path) -> None:
    run_cells(noted, table(tmp_path), tmp_path / "cells")
    changed = run_cells(noted, table(tmp_path, noise=2.0), tmp_path / "cells")

    assert changed.n_kept == 0
    assert len(list((tmp_path / "cells").glob("*.json"))) == 8


def test_changed_code_is_a_new_cell(tmp_path) -> None:
    cell = {"split": 0}
    CellFiles(tmp_path, code="before").write(cell, {"auc": 0.9}, [])

    assert CellFiles(tmp_path, code="before").read(cell) == ({"auc": 0.9}, [])
    assert CellFiles(tmp_path, code="after").read(cell) is None


def test_the_order_of_parameters_does_not_make_another_cell() -> None:
    assert cell_key({"a": 1, "b": 2}) == cell_key({"b": 2, "a": 1})


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "another cell", "deep"])
def test_a_damaged_cell_is_noticed_said_and_made_again(tmp_path, damage) -> None:
    cells = table(tmp_path)
    run_cells(noted, cells, tmp_path / "cells")
    code = code_hash(noted.__module__)
    path = tmp_path / "cells" / f"{cell_key(cells[2], code)}.json"
    whole = path.read_bytes()
    other = (tmp_path / "cells" / f"{cell_key(cells[1], code)}.json").read_bytes()
    path.write_bytes(
        {
            "cut": whole[:-9],
            "changed": whole.replace(b'"double":4', b'"double":5'),
            "empty": b"",
            "another cell": other,
            "deep": b"[" * 100_000,
        }[damage]
    )

    found = run_cells(noted, cells, tmp_path / "cells")

    assert doubles(found) == [0, 2, 4, 6]
    assert found.corrupt == (path.name,)
    assert f"1 damaged cells made again: {path.name}" in found.notes()
    assert computed(tmp_path) == [0, 1, 2, 2, 3]
    assert path.read_bytes() == whole


def test_a_file_that_was_half_written_is_no_cell(tmp_path) -> None:
    files = CellFiles(tmp_path / "cells")
    (tmp_path / "cells" / f"{cell_key({'number': 1})}.77.partial").write_bytes(b'{"cell"')

    assert files.read({"number": 1}) is None
    assert files.corrupt == []


def test_what_was_finished_before_ctrl_c_is_kept(tmp_path) -> None:
    cells = table(tmp_path, interrupts=2)
    with pytest.raises(KeyboardInterrupt):
        run_cells(noted, cells, tmp_path / "cells")

    found = run_cells(noted, cells, tmp_path / "cells")

    assert found.n_kept == 2
    assert doubles(found) == [0, 2, 4, 6]
    assert computed(tmp_path) == [0, 1, 2, 2, 3]


@pytest.mark.slow
def test_a_run_that_was_killed_in_mid_cell_goes_on_from_there(tmp_path) -> None:
    cells = table(tmp_path, waits=2)
    code = (
        "import sys; from pathlib import Path\n"
        "from calibration.experiments.cell_store import run_cells\n"
        "from slow_cells import noted\n"
        f"run_cells(noted, {cells!r}, Path({str(tmp_path / 'cells')!r}))"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(SUPPORT)}
    )
    wait_for(tmp_path / "log.waiting")
    run.send_signal(signal.SIGKILL)
    run.wait()
    (tmp_path / "log.go").touch()

    found = run_cells(noted, cells, tmp_path / "cells")

    assert found.n_kept == 2
    assert doubles(found) == [0, 2, 4, 6]


@pytest.mark.parametrize("how", ["value", "gpu", "memory"])
def test_a_cell_without_a_result_is_reported_and_stops_no_other(tmp_path, how) -> None:
    found = run_cells(noted, table(tmp_path, fails=1, how=how), tmp_path / "cells")

    assert doubles(found) == [0, None, 4, 6]
    assert found.notes()[0].startswith("1 of 4 cells failed, first: number=1 ")
    assert "this cell has no result" in found.notes()[0]


def test_a_table_without_any_result_is_an_error_of_one_line(tmp_path) -> None:
    with pytest.raises(BciError, match=r"none of 1 cells .*this cell has no result") as told:
        run_cells(noted, table(tmp_path, n=1, fails=0), tmp_path / "cells")

    assert "\n" not in str(told.value)


def test_two_equal_cells_are_refused(tmp_path) -> None:
    with pytest.raises(BciError, match="same parameters"):
        run_cells(noted, table(tmp_path, n=1) * 2, tmp_path / "cells")


@pytest.mark.slow
def test_cells_get_the_data_they_name(tmp_path) -> None:
    cells = [
        {"number": number, "log": str(tmp_path / "log"), "data": name}
        for number, name in enumerate("ab")
    ]

    found = run_cells(noted, cells, tmp_path / "cells", {"a": [1, 2], "b": [3, 4]}, jobs=2)

    assert [result["sum"] for result in found.results] == [3.0, 7.0]


@pytest.mark.slow
def test_a_killed_worker_process_is_reported_and_the_others_are_kept(tmp_path) -> None:
    cells = table(tmp_path, n=6, kills=5)
    with pytest.raises(BciError, match="worker process was killed"):
        run_cells(noted, cells, tmp_path / "cells", jobs=2)

    n_kept = len(list((tmp_path / "cells").glob("*.json")))
    kept = run_cells(noted, cells[:5], tmp_path / "cells")

    assert n_kept >= 1
    assert kept.n_kept == n_kept
    assert doubles(kept) == [0, 2, 4, 6, 8]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_every_worker_has_one_blas_thread(tmp_path, monkeypatch, jobs) -> None:
    cells = [{"number": number} for number in range(2)]
    # Of itself it would have two, in this process and in those that are started.
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")

    with threadpool_limits(2, "blas"):
        found = run_cells(blas_threads, cells, tmp_path / "cells", jobs=jobs)

    pools = [n for result in found.results for n in result["threads"]]
    assert pools
    assert set(pools) == {1}


def wait_for(path: Path) -> str:
    until = time.monotonic() + 60
    while not (path.exists() and path.read_text(encoding="utf-8")):
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.02)
    return path.read_text(encoding="utf-8")
