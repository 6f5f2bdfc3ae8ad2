import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from simulated_files import EIGHT_SENSORS, recording_of_eight_sensors
from slow_cells import noted

from bci_online.errors import BciError
from bci_online.runtime.simulated_recording import write_recording
from calibration.cluster import ClusterCalls
from calibration.code_hash import OWN_CODE, code_versions
from calibration.experiments.cell_store import run_cells
from calibration.experiments.compared_recordings import Recordings, compare
from calibration.p300.evaluation import Outcome, evaluation_begun
from calibration.p300.fitting import LinearMethod
from calibration.p300.recorded_epochs import epochs_of

pytest.importorskip("distributed")

# Dask's own threads and sockets end a moment after its client does.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")

TESTS = Path(__file__).resolve().parents[1]
START_S = 60.0
SLOW_CELLS = (TESTS / "support" / "slow_cells.py").read_text(encoding="utf-8")


def started(folder: Path, *arguments: str, first: Path | None = None) -> subprocess.Popen:
    """Start a part of Dask as its command line does, with the tests' own modules at hand.

    Modules in the folder `first` replace them.
    """
    own = [str(TESTS / "support"), str(TESTS.parent)]
    paths = os.pathsep.join([*([] if first is None else [str(first)]), *own])
    with (folder / "dask.log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=log,
            stderr=log,
            cwd=folder,
        )


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture
def scheduler(tmp_path) -> Iterator[str]:
    port = free_port()
    process = started(
        tmp_path, "dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
    )
    address = f"tcp://127.0.0.1:{port}"
    wait_for(lambda: answers(port))
    yield address
    process.terminate()
    process.wait(30)


@pytest.fixture
def workers(scheduler, tmp_path) -> Iterator[list[subprocess.Popen]]:
    processes = [
        started(
            tmp_path, "dask_worker", scheduler, "--no-nanny", "--nthreads", "1", "--no-dashboard"
        )
        for _ in range(2)
    ]
    yield processes
    for process in processes:
        process.kill()
        process.wait(30)


@pytest.mark.slow
def test_a_worker_killed_in_mid_cell_costs_nothing(
    scheduler, workers, tmp_path, monkeypatch
) -> None:
    # On a busy computer workers need longer to start than a user would wait.
    monkeypatch.setattr("calibration.cluster.CONNECT_S", START_S)
    log = tmp_path / "log"
    cells = [
        {"number": number, "log": str(log), "data": "numbers", "waits": 3} for number in range(12)
    ]

    def kill_the_one_that_waits() -> int:
        waiting = tmp_path / "log.waiting"
        try:
            pid = int(wait_for(lambda: waiting.exists() and waiting.read_text(encoding="utf-8")))
            assert pid in [process.pid for process in workers]
            os.kill(pid, signal.SIGKILL)
        finally:
            # No cell waits for a killer that has failed.
            (tmp_path / "log.go").touch()
        return pid

    with ThreadPoolExecutor(1) as killer:
        killing = killer.submit(kill_the_one_that_waits)
        found = run_cells(
            noted, cells, tmp_path / "cells", {"numbers": [1, 2, 4]}, scheduler=scheduler
        )
    killed = killing.result()

    assert [result["double"] for result in found.results] == [2 * n for n in range(12)]
    assert {result["sum"] for result in found.results} == {7.0}
    assert len(list((tmp_path / "cells").glob("*.json"))) == 12
    assert found.failures == ()
    tries = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    of_waiting = [int(pid) for number, pid in tries if number == "3"]
    assert of_waiting[0] == killed
    assert of_waiting[-1] != killed


@pytest.mark.slow
def test_a_cluster_without_workers_is_an_error_of_one_line(
    scheduler, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("calibration.cluster.CONNECT_S", 0.5)

    with pytest.raises(BciError, match="has no worker; start some"):
        run_cells(noted, [{"number": 1}], tmp_path / "cells", scheduler=scheduler)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_a_scheduler_that_is_not_there_is_an_error_of_one_line(host, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("calibration.cluster.CONNECT_S", 0.5)
    address = f"tcp://{host}:{free_port()}"

    with pytest.raises(BciError, match="no Dask scheduler answers") as told:
        run_cells(noted, [{"number": 1}], tmp_path / "cells", scheduler=address)

    assert "\n" not in str(told.value)


@pytest.mark.parametrize("address", ["node7", "tcp://::1"])
def test_an_address_that_is_none_is_refused_at_once(address, tmp_path) -> None:
    with pytest.raises(BciError, match=f"--scheduler {address}: must be like tcp"):
        run_cells(noted, [{"number": 1}], tmp_path / "cells", scheduler=address)


def test_without_the_cluster_extra_it_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(BciError, match=r"bci-online\[cluster\]"):
        run_cells(noted, [{"number": 1}], tmp_path / "cells", scheduler="tcp://127.0.0.1:1")


def answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + 2 * START_S
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cluster_evaluates_and_compares_to_the_last_bit_as_this_computer_does(
    scheduler, workers, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("calibration.cluster.CONNECT_S", START_S)
    recording = recording_of_eight_sensors()
    # A name that the workers, in another folder, do not find.
    monkeypatch.chdir(recording.parent)
    named, tested = Path(recording.name), tmp_path / "tested.xdf"
    write_recording(EIGHT_SENSORS, "FOX", tested, 5)

    def evaluated(address: str) -> Outcome:
        recorded, method = epochs_of([recording], EIGHT_SENSORS), LinearMethod(name="lda")
        with evaluation_begun(recorded, method, EIGHT_SENSORS, scheduler=address) as outcome:
            return outcome(lambda done, of: None)

    def compared(address: str) -> dict[str, object]:
        of = Recordings(training=(named,), test=(tested,), config=EIGHT_SENSORS)
        cells = compare(of, ["lda"], tmp_path / f"scores{len(address)}", scheduler=address)
        return {key: one for key, one in cells.results[0].items() if key != "seconds"}

    assert evaluated(scheduler) == evaluated("")
    assert compared(scheduler) == compared("")


@pytest.mark.slow
def test_a_cluster_serves_others_after_a_ctrl_c(scheduler, workers, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("calibration.cluster.CONNECT_S", START_S)
    cells = [{"number": number, "log": str(tmp_path / "log")} for number in range(6)]

    def interrupted(done: int, of: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cells(noted, cells, tmp_path / "one", scheduler=scheduler, progress=interrupted)
    found = run_cells(noted, cells, tmp_path / "two", scheduler=scheduler)

    assert [result["double"] for result in found.results] == [0, 2, 4, 6, 8, 10]


class Computed:
    """A call that is done."""

    def __init__(self, versions: dict[str, str]) -> None:
        self.versions = versions

    def done(self) -> bool:
        return True

    def result(self) -> tuple[int, str, dict[str, str]]:
        return 5, "tcp://node3:1", self.versions


def test_a_worker_of_other_code_is_refused_and_one_of_other_libraries_is_named(caplog) -> None:
    own = dict(code_versions(noted.__module__))

    def results(versions: dict[str, str]) -> list[int]:
        futures = [Computed(versions)] * 2
        calls = ClusterCalls("tcp://here:1", futures, noted.__module__)
        return list(calls.in_order(lambda: None))

    assert results(own) == [5, 5]
    assert not caplog.records
    assert results(own | {"numpy": "1.0"}) == [5, 5]
    (record,) = caplog.records
    assert "worker tcp://node3:1 has numpy 1.0 (here " in record.getMessage()
    with pytest.raises(BciError, match="node3:1 runs other code of bci-online"):
        results(own | {OWN_CODE: "another"})


class Failed(Computed):
    """A call that has raised an error on its worker."""

    status = "error"

    def result(self) -> tuple[int, str, dict[str, str]]:
        raise FileNotFoundError(2, "No such file or directory", "monday.xdf")


def test_a_file_that_a_worker_cannot_read_is_named_and_no_loss_of_the_cluster() -> None:
    calls = ClusterCalls("tcp://here:1", [Failed({})], noted.__module__)

    with pytest.raises(BciError, match=r"a worker cannot read .*'monday.xdf'; the files must be"):
        list(calls.in_order(lambda: None))


class Running(Computed):
    """A call that is done once it was asked for that often."""

    def __init__(self, n_looks: int, versions: dict[str, str]) -> None:
        super().__init__(versions)
        self.n_looks = n_looks

    def done(self) -> bool:
        self.n_looks -= 1
        return self.n_looks < 0


def test_results_come_in_order_and_a_refusal_at_once(monkeypatch) -> None:
    monkeypatch.setattr("calibration.cluster.LOOK_S", 0.0)
    own = dict(code_versions(noted.__module__))
    waited: list[None] = []

    def calls(*n_looks: int) -> ClusterCalls:
        futures = [Running(n, own) for n in n_looks[:-1]]
        last = Running(n_looks[-1], own | {OWN_CODE: "another"})
        return ClusterCalls("tcp://here:1", [*futures, last], noted.__module__)

    results = calls(3, 1, 0).in_order(lambda: waited.append(None))
    with pytest.raises(BciError, match="other code"):
        next(results)
    assert waited == []

    results = calls(3, 1, 9).in_order(lambda: waited.append(None))
    assert [next(results), next(results)] == [5, 5]
    assert len(waited) == 2  # not while results come


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("slow_cells", SLOW_CELLS + "\nCHANGED = True\n", "runs other code of bci-online"),
        ("slow_cells", "", "runs other code of bci-online"),
        ("calibration", "", "a worker lacks a module: .*'calibration' is not a package"),
    ],
    ids=["changed", "without the function", "without the package"],
)
def test_a_worker_of_other_code_that_comes_late_is_refused(
    scheduler, workers, tmp_path, monkeypatch, module, text, said
) -> None:
    monkeypatch.setattr("calibration.cluster.CONNECT_S", START_S)
    log, other = tmp_path / "log", tmp_path / "other"
    other.mkdir()
    (other / f"{module}.py").write_text(text, encoding="utf-8")
    # Those that are there wait in their first cells, for what never comes.
    cells = [{"number": n, "log": f"{log}{n}", "waits": n} for n in range(8)]
    late: list[subprocess.Popen] = []

    def start_another() -> None:
        wait_for(lambda: list(tmp_path.glob("log?.waiting")))
        arguments = ("dask_worker", scheduler, "--no-nanny", "--nthreads", "1", "--no-dashboard")
        late.append(started(tmp_path, *arguments, first=other))

    try:
        with ThreadPoolExecutor(1) as starting:
            starting.submit(start_another)
            with pytest.raises(BciError, match=said) as told:
                run_cells(noted, cells, tmp_path / "cells", scheduler=scheduler)
    finally:
        for process in late:
            process.kill()
            process.wait(30)

    assert "\n" not in str(told.value)
    assert list((tmp_path / "cells").glob("*.json")) == []
