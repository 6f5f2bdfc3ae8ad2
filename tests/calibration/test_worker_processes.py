"""Work that other processes do: the same results, and nothing of it stays behind."""

import operator
import os
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from joblib.externals import loky
from simulated_files import EIGHT_SENSORS, recording_of_eight_sensors

from bci_online.decoding.decoder_file import read_decoder
from bci_online.errors import BciError
from calibration.p300.training import train
from calibration.progress import NO_PROGRESS, TrainingProgress
from calibration.training_request import TrainingRequest
from calibration.worker_processes import shared_out

# Each of them waits for processes that load the libraries.
pytestmark = pytest.mark.slow


def interrupted(shared: Path, item: int) -> int:
    """Press Ctrl-C in a worker process."""
    os.kill(os.getpid(), signal.SIGINT)
    return item


def process_id(shared: float, item: int) -> int:
    time.sleep(shared)
    return os.getpid()


def process_and_shared(shared: float, item: int) -> tuple[int, float]:
    return process_id(shared, item), shared


def killed(shared: Path, item: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return item


def endless(shared: Path, item: int) -> int:
    (shared / f"{os.getpid()}").touch()
    time.sleep(600)
    return item


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_results_come_in_the_order_of_the_items() -> None:
    with shared_out(operator.sub, 10, [3, 1, 2], processes=3) as results:
        assert list(results) == [7, 9, 8]


def test_a_ctrl_c_does_not_reach_the_work(tmp_path) -> None:
    # As many as items: this process computes none of them.
    with shared_out(interrupted, tmp_path, [1, 2], processes=3) as results:
        assert list(results) == [1, 2]


def test_this_process_computes_what_no_other_has_begun() -> None:
    with shared_out(process_and_shared, 0.2, range(6), processes=2, here=0.1) as results:
        found, given = zip(*results, strict=True)

    assert len(set(found)) == 2
    assert found[-1] == os.getpid() != found[0]
    assert given == tuple(0.1 if one == os.getpid() else 0.2 for one in found)


@pytest.mark.parametrize("error", [RuntimeError, OSError, MemoryError])
def test_what_cannot_be_handed_out_is_computed_here(error, monkeypatch) -> None:
    def refuses(*given: object) -> None:
        raise error("no process can begin")

    monkeypatch.setattr(loky.ProcessPoolExecutor, "submit", refuses)

    with shared_out(process_id, 0.0, [1, 2, 3], processes=3) as results:
        assert list(results) == [os.getpid()] * 3


def test_a_killed_process_is_one_line(tmp_path) -> None:
    with (
        shared_out(killed, tmp_path, [1], processes=2) as results,
        pytest.raises(BciError, match=r"was killed .* --jobs 1"),
    ):
        next(results)


def test_a_wait_that_ends_early_leaves_no_process(tmp_path) -> None:
    class EnoughError(Exception):
        pass

    def until_begun() -> None:
        if any(tmp_path.iterdir()):
            raise EnoughError

    with (
        pytest.raises(EnoughError),
        shared_out(endless, tmp_path, [1], processes=2, waiting=until_begun) as results,
    ):
        next(results)

    (pid,) = (int(path.name) for path in tmp_path.iterdir())
    assert not is_there(pid)


def trained(
    folder: Path, jobs: int, progress: TrainingProgress, **asked: Any
) -> tuple[bytes, dict[str, bytes]]:
    """Return the header of a decoder without its times, and its arrays."""
    request = TrainingRequest(
        recordings=(recording_of_eight_sensors(),),
        config=EIGHT_SENSORS,
        output=folder / f"{jobs}.decoder",
        jobs=jobs,
        **asked,
    )
    train(request, progress)
    decoder = read_decoder(request.output)
    tried = [msgspec.structs.replace(one, seconds=0.0) for one in decoder.header.tried]
    header = msgspec.structs.replace(decoder.header, tried=tuple(tried))
    arrays = {name: np.asarray(array).tobytes() for name, array in decoder.arrays.items()}
    return msgspec.json.encode(header), arrays


def test_a_training_is_the_same_in_one_process_and_in_three(tmp_path) -> None:
    folds: dict[int, list[int]] = {1: [], 3: []}

    found = [
        trained(
            tmp_path,
            jobs,
            TrainingProgress(folded=lambda done, of, own=own: own.append(done)),
            method="auto",
        )
        for jobs, own in folds.items()
    ]

    assert found[0] == found[1]
    assert folds[1] == folds[3] == [0, 1, 2, 3, 4, 5]


def test_inner_folds_are_the_same_in_one_process_and_in_two(tmp_path) -> None:
    asked = {"method": "gsvm-2", "evaluation": False}

    found = [trained(tmp_path, jobs, NO_PROGRESS, **asked) for jobs in (1, 2)]

    assert found[0] == found[1]
