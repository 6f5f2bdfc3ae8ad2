"""The parts of `bench.py`: what each of them measures."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import bench_growth, replay

BCI = [sys.executable, "-m", "bci_online"]
TRAIN = [sys.executable, "-m", "calibration", "train"]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
# As installed: code that is compiled again at each start takes up to a third of a second more.
KEPT_CODE = {name: at for name, at in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
ONE_THREAD = KEPT_CODE | dict.fromkeys(THREADS, "1")
CONFIGS = Path(__file__).resolve().parent.parent / "configs"


class Row(NamedTuple):
    """One figure of ours, the same of others, and what is asked for, in words and as a limit."""

    what: str
    unit: str
    ours: float
    beside: dict[str, float]
    bar: str = ""
    most: float | None = None


class Part(NamedTuple):
    """One section of the page; ``measure`` takes the folder of recordings and Pythons of peers."""

    title: str
    text: str
    measure: Callable[[Path | None, list[str]], Iterator[Row]]


def cost(command: list[str], *, first_line: bool = False) -> tuple[float, float]:
    """Return seconds by the clock and of the processor, to the end or to the first line."""
    used, began = _used(), time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ONE_THREAD
    ) as process:
        assert process.stdout is not None
        if first_line:
            process.stdout.readline()
            seconds = time.perf_counter() - began
            process.kill()
        else:
            process.stdout.read()
            process.wait()
            seconds = time.perf_counter() - began
            if process.returncode:
                raise RuntimeError(f"{' '.join(command)} ended with code {process.returncode}")
    return seconds, _used() - used


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def least(command: list[str], n: int = 5, *, first_line: bool = False) -> float:
    """Return the least seconds of the processor of several runs."""
    return min(cost(command, first_line=first_line)[1] for _ in range(n))


def script(text: str, *arguments: str) -> list[str]:
    """Return the command that runs a few lines of Python."""
    return [sys.executable, "-c", text, *arguments]


def having(text: str, peers: Sequence[str]) -> str | None:
    """Return the first Python, ours or of a peer, that runs a few lines without an error."""
    for python in (sys.executable, *peers):
        if not subprocess.run([python, "-c", text], **QUIET).returncode:
            return python
    return None


def copied(folder: Path, word: str) -> Path:
    """Write a simulated subject's recording of a word."""
    path = folder / f"{word}.xdf"
    subprocess.run([*BCI, "simulate", "-o", str(path), "--word", word], check=True, stdout=2)
    return path


def start(_data: Path | None, peers: list[str]) -> Iterator[Row]:
    """Measure what runs before anything happens."""
    bare = {"numpy + scipy.signal": least(script("import numpy, scipy.signal"))}
    help_ = {"python -c pass": least(script("pass"))}
    yield Row("`bci-online --help`", "s", least([*BCI, "--help"]), help_, "0.15", 0.15)
    with tempfile.TemporaryDirectory() as folder:
        path = str(copied(Path(folder), "B"))
        command = [*BCI, "replay", path, "--no-calibration", "--json", "-"]
        first = least(command, first_line=True)
        yield Row("`replay`, first decision", "s", first, bare, "0.8", 0.8)
        command = [*TRAIN, path, "--method", "lda", "--output", f"{folder}/lda", "--json", "-"]
        first = least(command, first_line=True)
        yield Row("`train`, first recording", "s", first, bare, "1.2", 1.2)
    others = ["mne.epochs", "sklearn.discriminant_analysis", "pyriemann.classification", "mne_lsl"]
    beside = {
        name: least([python, "-c", f"import {name}"], 3)
        for name in others
        if (python := having(f"import {name}", peers))
    }
    live = "import bci_online.runtime.assembly, bci_online.acquisition.lsl"
    yield Row("what a live run imports", "s", least(script(live)), bare | beside)


def replayed(_data: Path | None, _peers: list[str]) -> Iterator[Row]:
    """Measure six minutes of 64 channels at 1 kHz, and eight sensors of them."""
    with tempfile.TemporaryDirectory() as folder:
        path, few = Path(folder) / "made.xdf", Path(folder) / "few.xdf"
        replay.long_recording(path, 1 / 10)
        found = {way: _least_of(way, path) for way in replay.WAYS}
        own = found.pop("bci-online replay")
        for key, unit, bar in (
            ("cpu_s", "s", "1 of pyxdf alone"),
            ("peak_mb", "MB", "300 for two hours"),
        ):
            beside = {way: figures[key] for way, figures in found.items()}
            most = beside["pyxdf alone"] if key == "cpu_s" else 300.0
            yield Row("6 min of 64 channels at 1 kHz", unit, own[key], beside, bar, most)
        replay.long_recording(few, 1 / 10, n_channels=8)
        alone = _least_of("bci-online replay", few)["cpu_s"]
        part = _least_of("bci-online replay", path, 8)["cpu_s"]
        yield Row("8 of these 64 channels", "s", part, {"a file of 8": alone}, "1", alone)


def _least_of(way: str, path: Path, n_sensors: int | None = None) -> dict[str, float]:
    """Return the least of each figure of two runs."""
    runs = [replay.measured(way, path, n_sensors) for _ in range(2)]
    return {key: min(run[key] for run in runs) for key in runs[0]}


def growth(_data: Path | None, _peers: list[str]) -> Iterator[Row]:
    """Measure replays of more channels, higher rates and longer files."""
    for what, figures in bench_growth.grown():
        yield Row(what, "s", figures["cpu_s"], {})
        yield Row(what, "MB", figures["peak_mb"], {})


def live(_data: Path | None, peers: list[str]) -> Iterator[Row]:
    """Measure the latency over LSL."""
    from benchmarks import latency

    others = {"bare": ("bare loop", sys.executable)}
    if python := having("import mne_lsl, bci_online", peers):
        others["mne-lsl 1"] = "mne-lsl, 1 ms", python
    for cell, bars in (
        ("64x512", ("floor + 0.5", "floor + 1", "5")),
        ("64x2048", ("", "", "5")),
    ):
        own = latency.measured("bci-online", cell, 15.0)
        found = {
            name: latency.measured(way, cell, 15.0, python)
            for way, (name, python) in others.items()
        }
        shape = f"{cell.replace('x', ' × ')} Hz"
        for what, unit, of, bar in (
            ("median", "ms", lambda one: one.p50_ms, bars[0]),
            ("99 %", "ms", lambda one: one.p99_ms, bars[1]),
            ("one core", "%", lambda one: 100 * one.cpu, bars[2]),
        ):
            beside = {name: of(figures) for name, figures in found.items()}
            number = float(bar.split()[-1]) if bar else None
            most = number if number is None or unit == "%" else number + beside["bare loop"]
            yield Row(f"{shape}, {what}", unit, of(own), beside, bar, most)


SKLEARN = """
import sys
from pathlib import Path
from benchmarks.replay import mne_epochs
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import cross_val_score
X, y = mne_epochs(Path(sys.argv[1]))
model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
cross_val_score(model, X.reshape(len(X), -1), y, cv=5, scoring="roc_auc"); model.fit(X[:, 0], y)
"""
PYRIEMANN = """
import sys
from pathlib import Path
from benchmarks.replay import mne_epochs
from pyriemann.estimation import XdawnCovariances
from pyriemann.tangentspace import TangentSpace
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
X, y = mne_epochs(Path(sys.argv[1]))
model = make_pipeline(XdawnCovariances(4, estimator="oas"), TangentSpace(), LogisticRegression())
cross_val_score(model, X, y, cv=5, scoring="roc_auc"); model.fit(X, y)
"""


def training(data: Path | None, _peers: list[str]) -> Iterator[Row]:
    """Measure from the prompt to the decoder, held-out figures included."""
    others = {"MNE + scikit-learn": SKLEARN, "MNE + pyriemann": PYRIEMANN}
    with tempfile.TemporaryDirectory() as folder:
        path = copied(Path(folder), "BRAIN")
        beside = {name: least(script(text, str(path)), 2) for name, text in others.items()}
        for method, bar in (("lda", ""), ("gsvm-2", "")):
            command = [*TRAIN, str(path), "--method", method, "--output", f"{folder}/{method}"]
            yield Row(f"`{method}`, 900 epochs of 8 channels", "s", least(command, 2), beside, bar)
        short = copied(Path(folder), "BRAI")
        command = [*TRAIN, str(short), "--method", "lda", "--output", f"{folder}/short"]
        seconds = min(cost(command)[0] for _ in range(2))
        unit = "s by the clock"
        yield Row("`lda`, 720 epochs of 8 channels", unit, seconds, {}, "2.5", 2.5)
        if data is None:
            return
        runs = [str(run) for run in sorted(data.glob("*.xdf"))[:4]]
        config = str(CONFIGS / "p300_wadsworth.toml")
        for method, more, bar in (
            ("lda", [], 4.0),
            ("gsvm-2", [], 20.0),
            ("gsvm-2", ["--no-evaluation"], 6.0),
        ):
            command = [*TRAIN, *runs, "--config", config, "--method", method, *more]
            seconds = cost([*command, "--output", f"{folder}/{method}{len(more)}-64"])[0]
            what = f"`{' '.join([method, *more])}`, Wadsworth, four runs"
            yield Row(what, unit, seconds, {}, f"{bar:g}", bar)


def first_letters(_data: Path | None, _peers: list[str]) -> Iterator[Row]:
    """Measure how long somebody waits for the first letter of a demonstration."""
    for more, bar in (([], 60.0), (["--no-calibration"], 40.0)):
        with tempfile.TemporaryDirectory() as folder:
            command = [*BCI, "demo", "--headless", "--word", "B", "--json", "-", *more]
            said = subprocess.run(
                [*command, "--output", folder], stdout=subprocess.PIPE, text=True, check=True
            ).stdout
        seconds = json.loads(said.splitlines()[-1])["first_letter_s"]
        what = f"`{' '.join(['demo', *more])}`, first letter"
        yield Row(what, "s by the clock", seconds, {}, f"{bar:g}", bar)


def solved(_data: Path | None, peers: list[str]) -> Iterator[Row]:
    """Measure the solver to its own certificate, beside those that are installed."""
    from benchmarks import solver, solver_worker

    found: dict[str, float] = {}
    for name in (solver_worker.CERTIFIED, "adelie", "skglm GroupBCD", "plain ℓ2: LinearSVC"):
        if python := having(f"import {solver_worker.SOLVERS[name][0]}", peers):
            worker = solver.Worker(name, python)
            found[name] = min(worker.run("small one", solver.ERROR)[0] for _ in range(3))
    own = found.pop(solver_worker.CERTIFIED)
    yield Row("3000 × 256, 32 sensors, one λ", "s", own, found)


LATENCY = (
    "Over LSL on this computer, as in `benchmarks/latency.py`. The bare loop reads and does no "
    "more: what it takes of a core is what liblsl takes here when each chunk is read as it comes. "
    "Where a bar lies below that, the computer is too slow for it in this way. Ours reads several "
    "chunks at once while no answer waits for one of them."
)

PARTS = {
    "start": Part("Start", "Processor seconds until something happens.", start),
    "replay": Part("Replay", "A recording through the online chain, imports excluded.", replayed),
    "growth": Part("Growth", "A replay of 2 minutes of 64 channels at 500 Hz, varied.", growth),
    "live": Part("Latency", LATENCY, live),
    "training": Part("Training", "From the prompt to the decoder file.", training),
    "solver": Part("Solver", "To a relative error of 1e-6.", solved),
    "demo": Part("Demonstration", "From the prompt to the first letter, over LSL.", first_letters),
}
