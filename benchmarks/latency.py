"""How long from the last chunk of an epoch to its decision, over LSL on one computer.

    python -m benchmarks.latency [--seconds 50] [--cells 64x512] [--output docs/FILE.md]

A process pushes chunks of 8 samples (float32) when they would have been measured, with their
stamps, and a flash every 100-175 ms at a random phase; each flash is a separate trial, so that each
epoch (0 to 0.75 s) must give one decision. The same process receives the decisions from LSL: a
latency begins before the push of the chunk that holds the epoch's last sample, and ends with the
decision's JSON. Epochs are lost if they have no decision, or were decided without being scored. CPU
is that of the decoding process with its threads, as a share of one core.

The ways: `bci-online run --json -` as users run it; mne-lsl as its documentation decodes (two
`StreamLSL`, the same Butterworth, `EpochsStream`, a loop), with acquisition delays of 1 and 5 ms
everywhere; and a bare loop that blocks in `pull_chunk` for one sample, drains, and processes
nothing: the floor. Each measurement is a separate pair of processes, the ways in turn.
"""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config
from benchmarks.latency_pusher import Pusher
from benchmarks.latency_ways import SESSION, WAYS, Cell, write_own_decoder

CELLS = tuple((n_channels, sfreq) for n_channels in (8, 64, 256) for sfreq in (256, 512, 2048))


@dataclass
class Figures:
    """What one measurement found.

    ``strange`` counts trials that nobody of this session began; ``late_ms`` is how late the pushing
    process was (99 %).
    """

    p50_ms: float
    p99_ms: float
    cpu: float
    epochs: int
    lost: int
    strange: int
    late_ms: float


def measure(way: str, cell: Cell, seconds: float, python: str = sys.executable) -> Figures:
    """Start one way, push to it, receive from it."""
    import pylsl

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if cell.session == SESSION:
            os.environ[CONFIG_VARIABLE] = str(loopback_config(folder, f"latency-{os.getpid()}"))
        # The same liblsl for all.
        os.environ["MNE_LSL_LIB"] = str(Path(pylsl.__file__).parent / "lib" / "liblsl.so")
        os.environ["MNE_LSL_LOG_LEVEL"] = "ERROR"
        pusher = Pusher(cell, way)
        said = folder / "said"
        with (
            said.open("wb") as out,
            subprocess.Popen(
                _command(way, cell, folder, python), stdout=out, stdin=subprocess.DEVNULL
            ) as process,
        ):
            try:
                pusher.meet()
                cpu = pusher.push(seconds, psutil.Process(process.pid))
                pusher.end()
                if way == "bci-online":
                    process.wait(10)
            finally:
                process.kill()
        found = pusher.latencies_ms()
        epochs = len(pusher.last_samples)
        rejected, presented = _summed_up(said)
        lost = epochs - len(found) + rejected
        strange = max(0, presented - epochs)
    p50, p99 = np.percentile(found, [50, 99])
    late_ms = 1000 * float(np.percentile(pusher.late, 99))
    return Figures(float(p50), float(p99), cpu, epochs, lost, strange, late_ms)


def _command(way: str, cell: Cell, folder: Path, python: str) -> list[str]:
    if way == "bci-online":
        write_own_decoder(folder / "decoder", cell)
        (folder / "streams.toml").write_text(f'[eeg]\nname = "{cell.spec.name}"\n')
        run = ["-m", "bci_online", "run", "--decoder", str(folder / "decoder"), "--json", "-"]
        streams = ["--session", cell.session, "--config", str(folder / "streams.toml")]
        return [sys.executable, *run, *streams]
    ways = ["-m", "benchmarks.latency_ways", way, f"{cell.n_channels}x{cell.sfreq}"]
    return [python, *ways]


def _summed_up(said: Path) -> tuple[int, int]:
    """Return how many decisions rested on no epoch, and how many trials our summary counts."""
    rows = [json.loads(line) for line in said.read_text().splitlines()]
    summaries = [row for row in rows if row["type"] == "summary"]
    rejected = sum(sum(row["rejected"].values()) for row in summaries)
    return rejected, sum(row["presented"] for row in summaries)


def measured(way: str, cell: str, seconds: float, python: str = sys.executable) -> Figures:
    """Measure in a fresh process; `python` runs the way, if it is not ours."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.latency",
        "--measure",
        way,
        cell,
        "--seconds",
        str(seconds),
        "--python",
        python,
    ]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Figures(**json.loads(ended.stdout.splitlines()[-1]))


def table(cells: list[str], ways: list[str], seconds: float) -> tuple[list[str], float]:
    """Measure all ways in turn; return the rows of a table and the pushing's worst lateness."""
    rows = [
        "| channels × Hz | way | median ms | 99 % ms | CPU, % of a core | lost |",
        "|---|---|---|---|---|---|",
    ]
    late_ms = 0.0
    for cell in cells:
        for way in ways:
            found = measured(way, cell, seconds)
            rows.append(
                f"| {cell.replace('x', ' × ')} | {WAYS[way]} | {found.p50_ms:.2f} "
                f"| {found.p99_ms:.2f} | {100 * found.cpu:.1f} | {found.lost} of {found.epochs} |"
            )
            sys.stderr.write(f"{rows[-1]} pushed {found.late_ms:.2f} ms late (99 %)\n")
            late_ms = max(late_ms, found.late_ms)
    return rows, late_ms


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=50.0, help="of flashes, for each figure")
    parser.add_argument("--cells", nargs="+", default=[f"{c}x{s}" for c, s in CELLS])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "CELL"), help=argparse.SUPPRESS)
    parser.add_argument("--python", default=sys.executable, help=argparse.SUPPRESS)
    parser.add_argument("--session", default=SESSION, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        way, shape = options.measure
        cell = Cell.of(shape, options.session)
        found = measure(way, cell, options.seconds, options.python)
        print(json.dumps(asdict(found)))
        return
    peers = importlib.util.find_spec("mne_lsl") is not None
    ways = [way for way in options.ways if peers or not way.startswith("mne-lsl")]
    load = os.getloadavg()[0]
    rows, late_ms = table(options.cells, ways, options.seconds)
    text = "\n".join([*heading(options, peers, load), *rows, "", *footing(late_ms), ""])
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


def heading(options: argparse.Namespace, peers: bool, load: float) -> list[str]:
    """Return what was done, where and with what."""
    versions = [f"{name} {version(name)}" for name in ("numpy", "scipy", "pylsl")]
    versions += [f"mne-lsl {version('mne-lsl')}"] if peers else []
    arguments = "" if len(sys.argv) < 2 else f" {' '.join(sys.argv[1:])}"
    return [
        "# Latency over LSL",
        "",
        *__doc__.splitlines()[4:],
        "",
        f"Made by `python -m benchmarks.latency{arguments}` on {_processor()}, {os.cpu_count()} "
        f"cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"{', '.join(versions)}; load average before it {load:.2f}."
        + ("" if peers else " mne-lsl was not installed (`pip install bci-online[peers]`)."),
        "",
    ]


def footing(late_ms: float) -> list[str]:
    """Return the goal, and how far the measurement itself can be trusted."""
    return [
        "Goal: at 64 × 512 Hz a median of at most 1.5 ms, 4 ms at 99 %, at most 8 % of a core, "
        "none lost; at 256 × 2048 Hz at most 8 ms at 99 %.",
        f"99 % of all chunks were pushed at most {late_ms:.2f} ms late.",
    ]


def _processor() -> str:
    """Return the processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
