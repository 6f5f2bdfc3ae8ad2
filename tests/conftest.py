import os

# Several processes share the cores here. Threads of one program that wait for each other while
# another program has the core cost many times the work: a training step of a network took 1.4 s
# with two threads and 0.06 s with one on two busy cores. The libraries read this when they load.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import gc
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pylsl
import pytest
from hypothesis import settings
from session_runs import Run

from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config
from bci_online.session_keys import KEYS_VARIABLE

# A deadline measures how busy the computer is. `make test-quick` takes fewer examples.
settings.register_profile("timeless", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("timeless")


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


# What a shell starts in the background ignores Ctrl-C, and so does all that it starts itself. Some
# tests interrupt a session. A handler of our own tells commands that run in the tests' process that
# the signal is not theirs (`bci_online.interrupts`): they must not end the tests.
signal.signal(signal.SIGINT, _interrupt)

PROJECT = Path(__file__).resolve().parents[1]
PROGRAMS = {"bci_online", "calibration"}
LSL_DOORS = ("StreamInlet", "StreamOutlet", "ContinuousResolver")
# What a file with live tests has: the mark, or a fixture that brings it.
MAY_BE_LIVE = re.compile(r"\bmark\.live\b|\b(started|virtual_display)\b")
NOT_LIVE = "a test that {} is marked live: pytestmark = pytest.mark.live"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without the garbage collector, which would look at a million lasting objects."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


@cache
def may_hold_live_tests(path: Path) -> bool:
    return MAY_BE_LIVE.search(path.read_text(encoding="utf-8")) is not None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files without a live test where live ones are asked for.

    Each worker imports what it collects, and most files have no live test.
    """
    is_file = config.option.markexpr == "live" and collection_path.suffix == ".py"
    return (is_file and not may_hold_live_tests(collection_path)) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as live whatever starts sessions or a display; the longest live tests come first.

    Live tests run side by side, and a long one that begins last would run alone.
    """
    for item in items:
        if {"started", "virtual_display"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("live")
        if item.get_closest_marker("live") and not may_hold_live_tests(item.path):
            raise pytest.UsageError(f"{item.nodeid}: `make test-live` would leave this file out")
    items.sort(key=allowed_s, reverse=True)


def allowed_s(item: pytest.Item) -> float:
    """Return how long a live test may take, where it says so: that tells how long it takes."""
    marker = item.get_closest_marker("timeout")
    is_long = marker is not None and item.get_closest_marker("live") is not None
    return marker.args[0] if is_long else 0.0


@pytest.fixture(autouse=True)
def only_live_tests_open_streams(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fail a test that is not marked live, and opens an LSL stream or starts one of our programs.

    So the quick tests stay quick, and the mark is not forgotten.
    """
    if request.node.get_closest_marker("live") is not None:
        yield
        return

    def refuse(*_: object, **__: object) -> None:
        pytest.fail(NOT_LIVE.format("opens an LSL stream"))

    for name in LSL_DOORS:
        monkeypatch.setattr(pylsl, name, refuse)
    STARTS.refused = True
    yield
    STARTS.refused = False


class Starts:
    """Refuses, while a test is not live, to start one of our programs."""

    refused = False

    def __call__(self, event: str, arguments: tuple) -> None:
        """Take what the interpreter does."""
        if self.refused and event == "subprocess.Popen" and "-m" in arguments[1]:
            command = list(arguments[1])
            if command[command.index("-m") + 1] in PROGRAMS:
                pytest.fail(NOT_LIVE.format("starts one of our programs"))


# An interpreter keeps its hooks for good, so there is one.
STARTS = Starts()
sys.addaudithook(STARTS)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real recordings; what needs it is skipped, and seen to be, where it is absent.

    ``BCI_ONLINE_DATA`` names it; else it is ``shared/data`` next to the project.
    """
    folder = Path(os.environ.get("BCI_ONLINE_DATA", PROJECT.parent / "shared" / "data"))
    if not (folder / "README.md").is_file():
        pytest.skip(f"no recordings in {folder} (set BCI_ONLINE_DATA)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def only_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the LSL streams and keys of this run, and of the processes it starts, to themselves.

    liblsl reads its configuration once, so this comes before the first test.
    """
    session = f"tests-{uuid.uuid4().hex[:8]}"
    with pytest.MonkeyPatch.context() as patch:
        config = loopback_config(tmp_path_factory.mktemp("lsl"), session)
        patch.setenv(CONFIG_VARIABLE, str(config))
        patch.setenv(KEYS_VARIABLE, str(tmp_path_factory.mktemp("keys")))
        yield


@pytest.fixture
def started() -> Iterator[list[Run]]:
    """Where a test puts the sessions that it starts: none outlives it."""
    runs: list[Run] = []
    yield runs
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.communicate()


@pytest.fixture
def virtual_display() -> Iterator[str]:
    """Start an X server that draws into memory; its name is the answer."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("no Xvfb (Debian: apt install xvfb)")
    reads, writes = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(writes), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=[writes],
        stderr=subprocess.DEVNULL,
    )
    os.close(writes)
    with os.fdopen(reads) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait(10)
