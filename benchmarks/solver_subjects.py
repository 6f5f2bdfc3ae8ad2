"""Several subjects at once: CPU seconds to a certificate of 1e-6, by the number of subjects.

    python -m benchmarks.solver_subjects [--rounds 3] [--only 2,540,32,8]
        [--peers-python PEERS/bin/python] [--page docs/benchmark-solver.md]

Simulated subjects share a third of the sensors; noise is correlated over sensors and times. All
ways reach the same certificate. "one matrix" is Newton on one dense matrix of all subjects.
"adelie" is a plain group solver on the subjects' matrices on the diagonal of one: it has no
similarity, its tolerance is the loosest that reaches the error, looked up, and it is given one
minute for all tolerances. Each row is kept in --results with a hash of the code that made it; rows
of other code, or of fewer rounds, are made again. --page-only writes the page from the rows there.
"""

import argparse
import functools
import subprocess
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast
from unittest import mock

import msgspec
import numpy as np

from benchmarks.kept_rows import add_row, kept_file, rows_of, write_between
from benchmarks.peak_memory import peak_mb
from calibration.blas_threads import one_blas_thread
from calibration.code_hash import code_hash
from calibration.sparse.datafit.squared_hinge import squared_hinge
from calibration.sparse.penalties.mixed_norms import GroupNorm
from calibration.sparse.penalties.quadratics import Nothing, Similarity
from calibration.sparse.problem import Problem, lambda_max
from calibration.sparse.solvers import prox_newton
from calibration.sparse.solvers.path import solve_path

CASES = ((2, 540, 32, 8), (5, 300, 32, 8), (15, 100, 10, 31), (8, 1500, 32, 8))
MANY = ((100, 200, 32, 8), (1000, 200, 32, 8))
WAYS = ("auto", "newton", "fista", "one matrix")
# One matrix of all subjects is not tried where its factor takes minutes.
LARGEST_MATRIX = 2100
LARGEST_STACK = 30_000_000
"""Entries of the stacked design that a plain solver is given: 240 MB."""
PATIENCE_S = 60
MARKS = ("<!-- subjects -->", "<!-- end of subjects -->")
KEPT = kept_file("solver_subjects")


def cohort(n_subjects: int, n: int, n_channels: int, n_times: int, similarity: float) -> Problem:
    """Return the joint problem of simulated subjects."""
    rng = np.random.default_rng(0)
    starts = np.arange(n_channels + 1) * n_times
    times = np.arange(n_times)
    wave = 0.6 * np.exp(-0.5 * ((times - 0.4 * n_times) / (0.12 * n_times + 0.5)) ** 2)
    carries = np.arange(n_channels)[:, None] < max(n_channels // 3, 1)
    parts = []
    for _ in range(n_subjects):
        y = np.where(rng.permutation(n) < n // 6, 1.0, -1.0)
        X = rng.normal(size=(n, n_channels, n_times))
        X[:, :, 1:] += 0.7 * X[:, :, :-1]
        X += 0.7 * rng.normal(size=(n, 1, n_times))
        own = carries * np.exp(0.5 * rng.normal(size=(n_channels, 1)))
        X = (X + (y > 0)[:, None, None] * own * wave).reshape(n, -1)
        X -= X.mean(axis=0)
        parts.append((np.asfortranarray(X / X.std()), y, np.ones(n)))
    data = squared_hinge(*zip(*parts, strict=True), starts)
    tie = Similarity(similarity / (2 * n_subjects), data.columns) if similarity else Nothing()
    return Problem(data, GroupNorm(starts * n_subjects, np.ones(n_channels)), tie)


def seconds(problem: Problem, lams: Sequence[float], way: str) -> float | None:
    """Return the CPU seconds of one run, None where a way is not tried."""
    if way == "one matrix" and problem.data.n_weights > LARGEST_MATRIX:
        return None
    apart = prox_newton.is_apart if way != "one matrix" else (lambda *_: False)
    with mock.patch.object(prox_newton, "is_apart", apart):
        started = time.process_time()
        found = solve_path(problem, lams, method="newton" if way == "one matrix" else way)
        taken = time.process_time() - started
    assert max(solution.gap for solution in found) <= 1e-6
    return taken


def fastest(
    problem: Problem, lams: Sequence[float], ways: Sequence[str], rounds: int
) -> dict[str, float | None]:
    """Return the fastest of some rounds, in each of which every way has its turn."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            one = seconds(problem, lams, way)
            if one is not None:
                taken[way].append(one)
    return {way: min(found, default=None) for way, found in taken.items()}


def stacked(problem: Problem, lams: Sequence[float], file: Path) -> None:
    """Write the joint problem as one of a single subject, with a column of ones for each bias."""
    data, penalty = problem.data, cast(GroupNorm, problem.penalty)
    X = np.zeros((data.y.size, data.n_weights + len(data.blocks)))
    for t, (block, rows, columns) in enumerate(
        zip(data.blocks, data.rows, data.columns, strict=True)
    ):
        X[rows, columns] = block
        X[rows, data.n_weights + t] = 1.0
    best = solve_path(problem, lams, tol=1e-9)
    values = [
        problem.value(one.w, data.residual(data.product(one.w), one.bias), one.lam) for one in best
    ]
    np.savez(
        file,
        X=X,
        y=data.y,
        starts=np.append(penalty.starts[:-1], np.arange(data.n_weights, X.shape[1])),
        prices=np.append(penalty.weights, np.zeros(len(data.blocks))),
        lams=np.array(lams),
        optimum=np.array(values),
    )


def peer_seconds(problem: Problem, lams: Sequence[float], python: str) -> float | None:
    """Return the CPU seconds of adelie; None if it is not tried, or does not reach the error."""
    entries = problem.data.y.size * problem.data.n_weights
    if not python or problem.quadratic.curvature() or entries > LARGEST_STACK:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem.npz"
        stacked(problem, lams, file)
        command = [python, "-W", "ignore", "-m", "benchmarks.solver_stacked"]
        run = functools.partial(subprocess.run, text=True, capture_output=True, check=True)
        try:
            done = run([*command, str(file)], timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            return None
    return float(done.stdout.split()[0]) if done.stdout else None


class Row(msgspec.Struct):
    """CPU seconds of one case by way; None where a way was not tried."""

    case: tuple[int, int, int, int]
    similarity: float
    lams: str
    rounds: int
    code: str
    made: str
    seconds: dict[str, float | None]
    peak_gb: float

    @property
    def key(self) -> tuple[object, ...]:
        """What the row is about."""
        return self.case, self.similarity, self.lams


def kept(file: Path) -> dict[tuple[object, ...], Row]:
    """Return the rows of a file; of two about the same the later."""
    return {row.key: row for row in rows_of(file, Row)}


def measure(options: argparse.Namespace, cases: Sequence[tuple[int, int, int, int]]) -> None:
    """Make the rows that are not there, and keep each as soon as it is made."""
    code, known = code_hash("calibration.sparse.solvers.path"), kept(options.results)
    for case in cases:
        for similarity in (0.0, 1.0):
            problem = None
            for name, shares in (("0.1", [0.1]), ("path", np.geomspace(1, 0.03, 8))):
                old = known.get((case, similarity, name))
                is_there = old and old.code == code and old.rounds >= options.rounds
                if (case in MANY and name == "path") or is_there:
                    continue
                problem = problem or cohort(*case, similarity)
                lams = (lambda_max(problem) * np.array(shares)).tolist()
                ways = WAYS if case[0] < 1000 else ("auto", "fista")
                found = fastest(problem, lams, ways, options.rounds)
                found["adelie"] = peer_seconds(problem, lams, options.peers_python)
                today = date.today().isoformat()
                row = Row(
                    case, similarity, name, options.rounds, code, today, found, peak_mb() / 1000
                )
                add_row(options.results, row)
                print(line_of(row), flush=True)


def line_of(row: Row) -> str:
    """Return a row of the table."""
    m, n, n_channels, n_times = row.case
    given = [row.seconds.get(way) for way in (*WAYS, "adelie")]
    shown = ["–" if one is None else f"{one:.3f}" for one in given]
    cells = [f"{m} × {n} × ({n_channels} × {n_times})", f"{row.similarity:g}", row.lams, *shown]
    return "| " + " | ".join(cells) + " |"


def write_page(rows: Sequence[Row], page: Path) -> None:
    """Write the rows of one code between the marks of a page."""
    columns = ["subjects × trials × (channels × times)", "similarity", "λ/λ_max", *WAYS, "adelie"]
    within = []
    for row in rows:
        others = [row.seconds.get(way) for way in ("newton", "fista")]
        within.append((row.seconds["auto"] or 0.0) / min(one for one in others if one))
    text = [
        "`python -m benchmarks.solver_subjects --peers-python PEERS/bin/python`, "
        f"{rows[-1].made}, one thread, CPU seconds,",
        'fastest round, all to the same certificate of 1e-6. "one matrix" is Newton on one dense '
        "matrix of all subjects,",
        '"adelie" a plain group solver on the stacked design (no similarity; tolerance looked up).',
        "`auto` takes Newton at once where that surely ends sooner; else it begins with "
        "first-order steps.",
        f"It takes at most {max(within):.2f} × the better of the two here. Largest memory: "
        f"{max(row.peak_gb for row in rows):.2f} GB.",
        f"Rounds: {', '.join(sorted({str(row.rounds) for row in rows}))}.",
        "",
        "| " + " | ".join(columns) + " |",
        "|" + "---|" * len(columns),
        *map(line_of, rows),
        "",
    ]
    write_between(page, MARKS, text)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="one case, such as 15,100,10,31")
    parser.add_argument("--peers-python", default="", help="an interpreter that has adelie")
    parser.add_argument("--results", type=Path, default=KEPT)
    parser.add_argument("--page", type=Path, help="a page with the marks")
    parser.add_argument("--page-only", action="store_true", help="measure nothing")
    options = parser.parse_args()
    cases = (*CASES, *MANY)
    if options.only:
        cases = (tuple(int(part) for part in options.only.split(",")),)
    if not options.page_only:
        with one_blas_thread():
            # The first run of each way loads its compiled code.
            for way in WAYS:
                for similarity in (0.0, 1.0):
                    seconds(cohort(2, 60, 4, 4, similarity), [0.01], way)
            measure(options, cases)
    rows = list(kept(options.results).values())
    if not rows:
        parser.error(f"{options.results} holds no row; measure some first, without --page-only")
    newest = [row for row in rows if row.code == rows[-1].code]
    for row in rows:
        if row not in newest:
            print(f"left out, made by other code: {line_of(row)}")
    if options.page:
        write_page(newest, options.page)


if __name__ == "__main__":
    main()
