"""CPU seconds of sparse-SVM solvers to a relative error of 1e-6, side by side.

Every solver runs in its own worker process (peers may need another interpreter: adelie pins
numpy < 2), on the same simulated EEG, on one thread. For every task each solver gets the loosest
tolerance of a ladder that reaches the error (measured against an optimum known to 1e-12); then
all take turns, and the median counts. "gap proven" runs to its own certificate of 1e-6 instead,
as the estimators do: it knows its error, the others have it looked up.

    python -m benchmarks.solver --peers-python /path/to/peers/bin/python --rounds 7

writes docs/benchmark-solver.md and .png. LinearSVC solves another problem (plain ℓ2, bias
penalised) and is measured against its own optimum, for scale.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.solver_worker import CERTIFIED, ERROR, LADDER, SOLVERS

ROOT = Path(__file__).resolve().parent.parent
PATH = np.geomspace(1.0, 0.01, 20)
TASKS = {
    "small one": ("small", [0.1]),
    "small path": ("small", list(PATH)),
    "middle path": ("middle", list(PATH)),
    "big one": ("big", [0.1]),
    "big path": ("big", list(PATH)),
}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PARTS = "## Where the time goes"

HEADING = """# Sparse-SVM solvers: CPU seconds to a relative error of 1e-6

`python -m benchmarks.solver --peers-python PEERS/bin/python --rounds {}`, {}, {} cores, one thread
each, median of {} interleaved runs.
small: 3000 × 256, 32 sensors; middle: 6000 × 768, 64 sensors; big: 15300 × 960, 64 sensors; one:
λ = 0.1 λ_max; path: 20 points down to 0.01 λ_max. In brackets the tolerance: the loosest that
reaches the error, looked up against an optimum known to 1e-12. "gap proven" has nothing looked up:
it stops at its own certificate.
"""


class Worker:
    """One solver in its own process, which ends with this one."""

    def __init__(self, name: str, python: str) -> None:
        command = [python, "-W", "ignore", "-m", "benchmarks.solver_worker", name]
        environment = os.environ | dict.fromkeys(THREADS, "1")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, text=True, env=environment, **pipes)

    def run(self, task: str, tol: float) -> tuple[float, np.ndarray]:
        """Return CPU seconds and the objective at every λ."""
        print(json.dumps([*TASKS[task], tol]), file=self._process.stdin, flush=True)
        assert self._process.stdout is not None
        seconds, values = json.loads(self._process.stdout.readline())
        return seconds, np.array(values)


def loosest(name: str, worker: Worker, task: str, best: np.ndarray) -> float | None:
    """Return the loosest tolerance of the ladder that reaches the error, None if none does."""
    for tol in [ERROR] if name == CERTIFIED else LADDER:
        if np.all(worker.run(task, tol)[1] <= best * (1 + ERROR)):
            return tol
    return None


def measure(workers: dict[str, Worker], rounds: int) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the tolerance and the median CPU seconds of every solver on every task."""
    table: dict[str, dict[str, tuple[float, float]]] = {}
    for task in TASKS:
        tols = {}
        for name, worker in workers.items():
            if name.startswith("plain") and task.endswith("path"):
                continue
            judge = worker if name.startswith("plain") else workers["prox-Newton, float64 Gram"]
            tols[name] = loosest(name, worker, task, judge.run(task, 1e-12)[1])
        taken: dict[str, list[float]] = {name: [] for name, tol in tols.items() if tol}
        for _ in range(rounds):
            for name, seconds in taken.items():
                seconds.append(workers[name].run(task, tols[name])[0])
        table[task] = {n: (tols[n], statistics.median(seconds)) for n, seconds in taken.items()}
        print(task, table[task], flush=True)
    return table


def write(table: dict[str, dict[str, tuple[float, float]]], rounds: int, docs: Path) -> None:
    """Write the table and the plot."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    names = [name for name in SOLVERS if any(name in row for row in table.values())]
    lines = [
        HEADING.format(rounds, date.today(), os.cpu_count(), rounds),
        "| solver | " + " | ".join(TASKS) + " |",
        "|---|" + "---|" * len(TASKS),
    ]
    for name in names:
        cells = [table[task].get(name) for task in TASKS]
        texts = [f"{cell[1]:.3g} ({cell[0]:.0e})" if cell else "–" for cell in cells]
        lines.append(f"| {name} | " + " | ".join(texts) + " |")
    lines += ["", "![CPU seconds](benchmark-solver.png)", ""]
    page = docs / "benchmark-solver.md"
    known = page.read_text(encoding="utf-8") if page.exists() else ""
    # What stands below stays: solver_parts.py and solver_subjects.py write it.
    lines += ["".join(known.partition(PARTS)[1:])]
    page.write_text("\n".join(lines), encoding="utf-8")
    figure, axis = plt.subplots(figsize=(9, 4), layout="constrained")
    for k, name in enumerate(names):
        x = [t + 0.11 * (k - len(names) / 2) for t, task in enumerate(TASKS) if name in table[task]]
        axis.bar(x, [row[name][1] for row in table.values() if name in row], 0.1, label=name)
    axis.set(yscale="log", ylabel="CPU seconds", xticks=range(len(TASKS)), xticklabels=TASKS)
    axis.legend(fontsize=8)
    figure.savefig(docs / "benchmark-solver.png", dpi=120)


def main() -> None:
    """Measure what is installed and write docs/."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter of the peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(SOLVERS), help="solvers to run")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    options = parser.parse_args()
    workers = {}
    for name in options.only:
        module = SOLVERS[name][0]
        python = options.peers_python if module in ("adelie", "skglm") else sys.executable
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode:
            print(f"{name}: {module} is not installed for {python}; left out")
        else:
            workers[name] = Worker(name, python)
    write(measure(workers, options.rounds), options.rounds, options.docs)


if __name__ == "__main__":
    main()
