"""What a path of 20 λ of one subject spends its CPU seconds on, and what passes over X cost.

    python -m benchmarks.solver_parts [--rounds 3] [--page docs/benchmark-solver.md]

The path falls to 0.01 λ_max, each λ to its own certificate of 1e-6, on one thread. The fastest
round counts. "one blocked pass" is Xᵀ times 20 vectors at once, beside 20 passes of one vector.
"""

import argparse
import collections
import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from benchmarks import solver_worker
from benchmarks.kept_rows import write_between
from calibration.blas_threads import one_blas_thread
from calibration.sparse.datafit.squared_hinge import SquaredHinge, squared_hinge
from calibration.sparse.penalties.mixed_norms import GroupNorm
from calibration.sparse.problem import Problem, lambda_max
from calibration.sparse.solvers import path
from calibration.sparse.solvers.gram import WorkingGram
from calibration.sparse.solvers.margin_hessian import MarginHessian
from calibration.sparse.solvers.path import solve_path

MARKS = ("<!-- parts -->", "<!-- end of parts -->")
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "Xᵀa, all groups or others than the working ones": ((SquaredHinge, "adjoint"),),
    "slopes carried over the margin": ((WorkingGram, "carried"),),
    "Xw": ((SquaredHinge, "product"), (WorkingGram, "product")),
    "certificates of 10 λ at once": ((path, "measured"),),
    "Gram matrix: groups join": ((WorkingGram, "join"),),
    "Gram matrix: rows cross the margin": ((WorkingGram, "move"),),
    "Newton systems": ((MarginHessian, "solve"), (MarginHessian, "product")),
    "sweeps over groups": ((MarginHessian, "sweep"),),
}


def problem_of(size: str) -> Problem:
    """Return the problem of simulated epochs of this size."""
    X, y, starts = solver_worker.simulated_epochs(size)
    data = squared_hinge([X], [y], [np.ones(y.size)], starts)
    return Problem(data, GroupNorm(starts, np.ones(starts.size - 1)))


def clocked(function: Callable[..., Any], add: Callable[[float], None]) -> Callable[..., Any]:
    """Return the function, which now tells its CPU seconds."""

    def call(*args: Any, **options: Any) -> Any:
        began = time.process_time()
        found = function(*args, **options)
        add(time.process_time() - began)
        return found

    return call


@contextlib.contextmanager
def parts_clocked() -> Iterator[dict[str, list[float]]]:
    """Collect the seconds of each call by part."""
    taken: dict[str, list[float]] = collections.defaultdict(list)
    with contextlib.ExitStack() as patches:
        for part, methods in PARTS.items():
            for owner, name in methods:
                call = clocked(getattr(owner, name), taken[part].append)
                patches.enter_context(mock.patch.object(owner, name, call))
        yield taken


def parts_of(problem: Problem, rounds: int) -> tuple[float, dict[str, list[float]]]:
    """Return the seconds of the fastest path, and of its parts."""
    lams = (lambda_max(problem) * np.geomspace(1.0, 0.01, 20)).tolist()
    solve_path(problem, lams[:3])
    runs = []
    for _ in range(rounds):
        with parts_clocked() as taken:
            began = time.process_time()
            found = solve_path(problem, lams)
            runs.append((time.process_time() - began, taken))
        assert max(solution.gap for solution in found) <= 1e-6
    return min(runs, key=lambda run: run[0])


def passes(X: np.ndarray, rounds: int) -> tuple[float, float]:
    """Return the seconds of 20 passes of one vector, and of one pass of 20 vectors."""
    A = np.asfortranarray(np.random.default_rng(0).normal(size=(len(X), 20)))
    single: list[float] = []
    blocked: list[float] = []
    with one_blas_thread():
        for _ in range(rounds):
            clocked(lambda: [X.T @ a for a in A.T], single.append)()
            clocked(lambda: X.T @ A, blocked.append)()
    return min(single), min(blocked)


def table(rounds: int) -> list[str]:
    """Return the lines of the table."""
    columns, head = [], []
    for size in ("middle", "big"):
        problem = problem_of(size)
        total, taken = parts_of(problem, rounds)
        known = {part: (sum(taken[part]), len(taken[part])) for part in PARTS}
        rest = total - sum(seconds for seconds, _ in known.values())
        cells = [f"{seconds:.3f} ({count})" for seconds, count in known.values()]
        single, blocked = passes(problem.data.blocks[0], rounds)
        columns.append([*cells, f"{rest:.3f}", f"{total:.3f}", f"{single:.3f}", f"{blocked:.3f}"])
        n, n_channels, n_times = solver_worker.SIZES[size]
        head.append(f"{n} × ({n_channels} × {n_times})")
    names = [*PARTS, "the rest", "**whole path**", "20 passes of Xᵀ", "one blocked pass for 20 λ"]
    rows = zip(names, *columns, strict=True)
    return [
        f"`python -m benchmarks.solver_parts --rounds {rounds} --page docs/benchmark-solver.md`, "
        f"{date.today()}, one thread, CPU seconds (calls):",
        "",
        "| part | " + " | ".join(head) + " |",
        "|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", type=Path, help="a page with the two marks")
    options = parser.parse_args()
    lines = table(options.rounds)
    print("\n".join(lines))
    if options.page:
        write_between(options.page, MARKS, lines)


if __name__ == "__main__":
    main()
