"""Files and lines that somebody else wrote: mutated, read, and mutated further where they lead on.

    python -m benchmarks.faults.fuzzed KIND RECORDING DECODER CONFIG FOLDER SECONDS SEED

is the process that reads. It is guided by coverage: a case that reaches a line of `bci_online` that
no case before reached joins the corpus. Defects are kept in FOLDER. The process that starts
this one watches that it goes on, and starts another if a case stops it.
"""

import json
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType, FrameType

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.fuzz_targets import KINDS, Material, Target, mutated
from benchmarks.faults.program import Program
from benchmarks.faults.stage import Stage

SLOW_S, STUCK_S = 10, 40.0
MEMORY = 2 << 30
CORPUS, OFTEN = 2000, 100
OURS = str(Path(__file__).resolve().parents[2] / "bci_online")


class Slow(BaseException):
    """A case takes longer than `SLOW_S` seconds of processor time."""


class Lines:
    """The lines of `bci_online` that were reached so far."""

    def __init__(self) -> None:
        self._seen: set[tuple[CodeType, int]] = set()
        self._is_new = False
        self._calls: Counter[CodeType] = Counter()

    def __len__(self) -> int:
        return len(self._seen)

    def _trace(self, frame: FrameType, event: str, _: object) -> Callable | None:
        code = frame.f_code
        if event == "call":
            if not code.co_filename.startswith(OURS):
                return None
            # Most calls of what is called often reach nothing new: one in twenty is followed.
            self._calls[code] += 1
            if self._calls[code] > OFTEN and self._calls[code] % 20:
                return None
        place = code, frame.f_lineno
        if place not in self._seen:
            self._seen.add(place)
            self._is_new = True
        return self._trace

    def of(self, read: Callable[[bytes], bool], content: bytes) -> tuple[bool, bool]:
        """Read, and return whether it was refused, and whether it reached a new line."""
        self._is_new = False
        sys.settrace(self._trace)
        try:
            refused = read(content)
        finally:
            sys.settrace(None)
        return refused, self._is_new


def fuzz(of: Target, folder: Path, seconds: float, seed: int) -> None:
    """Read cases for so long; a line of JSON a second says how far it is."""
    rng, lines, corpus = random.Random(seed), Lines(), list(of.seeds)
    for content in of.seeds:
        lines.of(of.read, content)
    n = n_refused = n_bad = 0
    until, say_at = time.monotonic() + seconds, 0.0
    signal.signal(signal.SIGVTALRM, _too_slow)
    while time.monotonic() < until:
        content = mutated(of, corpus, rng)
        (folder / "current").write_bytes(content)
        n += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, SLOW_S)
        try:
            refused, is_new = lines.of(of.read, content)
            n_refused += refused
            if is_new and len(corpus) < CORPUS and len(content) < 1 << 20:
                corpus.append(content)
        except (Exception, Slow) as error:
            n_bad += 1
            _keep(folder, content, error, f"{seed}-{n}")
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if time.monotonic() >= say_at or time.monotonic() >= until:
            say_at = time.monotonic() + 1.0
            said = {"cases": n, "refused": n_refused, "defects": n_bad, "lines": len(lines)}
            print(json.dumps(said), flush=True)


def _too_slow(*_: object) -> None:
    raise Slow(f"takes more than {SLOW_S} s of processor time")


def _keep(folder: Path, content: bytes, error: BaseException, name: str) -> None:
    (folder / f"defect-{name}").write_bytes(content)
    place = traceback.extract_tb(error.__traceback__)[-1]
    line = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {error}"
    with (folder / "defects.txt").open("a", encoding="utf-8") as file:
        file.write(f"{name}\t{line[:400]!r}\n")
    (folder / f"defect-{name}.txt").write_text("".join(traceback.format_exception(error)))


def once(kind: str, stage: Stage, number: int) -> Outcome:
    """Fuzz one kind for as long as the stage says, over processes that may be killed."""
    folder = stage.empty(f"fuzzed-{kind}-{number}")
    files = stage.recording, stage.decoder, stage.speller, folder
    until, counts, killed = time.monotonic() + 60.0 * stage.minutes, [], 0
    while (left := until - time.monotonic()) > 1.0:
        seed = 1000 * number + len(counts)
        program = stage.start("benchmarks.faults.fuzzed", kind, *files, f"{left:.0f}", seed)
        killed += _is_stuck(program, folder, left + STUCK_S)
        rows = program.rows()
        if not rows:
            return Outcome(wrong=f"the fuzzer did not begin: {program.text[-300:]}")
        counts.append(rows[-1])
        stage.end_all()
    sums = {key: sum(row[key] for row in counts) for key in ("cases", "refused", "defects")}
    defects = folder / "defects.txt"
    found = sorted({line.split("\t")[1][:200] for line in _lines(defects)})
    wrong = [f"{killed} cases stopped or killed the process"] if killed else []
    return Outcome(
        facts={key: float(value) for key, value in sums.items()}
        | {"lines": float(max(row["lines"] for row in counts)), "minutes": stage.minutes},
        wrong="; ".join(wrong + found),
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _is_stuck(program: Program, folder: Path, timeout: float) -> bool:
    """Wait for its end; return whether a case stopped it, which is kept then."""
    until = time.monotonic() + timeout
    while program.code is None and time.monotonic() < until:
        newest = program.lines[-1][0] if program.lines else time.monotonic()
        if time.monotonic() - newest > STUCK_S:
            break
        time.sleep(0.2)
    if program.code == 0:
        return False
    case = folder / "current"
    if case.exists():
        case.rename(folder / f"stopped-{time.time():.0f}")
    return True


def main(kind: str, recording: str, decoder: str, config: str, folder: str, *rest: str) -> None:
    """Be the process that reads."""
    warnings.simplefilter("ignore")
    material = Material(Path(recording), Path(decoder), Path(config), Path(folder))
    of = KINDS[kind](material)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, resource.RLIM_INFINITY))
    fuzz(of, material.folder, float(rest[0]), int(rest[1]))


TEXT = f"""\
Sound files and lines are changed: any bytes, chunks and fields of XDF files, values of a decoder's
header with a right checksum, lines of a configuration, markers, lines of the control stream and the
journal. A case that reaches a new line of `bci_online` is changed further. Right means: each case
is read, or refused in one line of less than 5,000 characters without control characters; none takes
{SLOW_S} s of processor time or {MEMORY >> 30} GB more memory. What is read as a marker, written and
read again is the same. `--minutes` says how long each kind is tried.
"""
FUZZED = Group(
    "fuzz", "Files and lines of others", TEXT,
    tuple(
        Fault(kind, how, partial(once, kind))
        for kind, how in (
            ("xdf", "recordings (XDF)"), ("decoder", "decoder files, signed again"),
            ("toml", "configurations (TOML)"), ("markers", "markers"),
            ("control", "lines of control and journal"),
        )
    ),
    columns={
        "minutes": "minutes", "cases": "cases", "refused": "refused", "lines reached": "lines",
    },
    is_live=False, tried=("benchmarks.faults.fuzz_targets", "benchmarks.faults.mutations"),
)  # fmt: skip
assert {fault.name for fault in FUZZED.faults} == set(KINDS)

if __name__ == "__main__":
    main(*sys.argv[1:])
