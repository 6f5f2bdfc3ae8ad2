"""Several subjects at once: CPU seconds to a certificate of 1e-6, by the number of subjects.

    python benchmarks/solver_subjects.py [--rounds 3] [--only 2,540,32,8] [--output docs/…]

Simulated subjects share a third of the sensors; noise is correlated over sensors and times. All
ways reach the same certificate. "one matrix" is Newton on one dense matrix of all subjects.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np
from peak_memory import peak_mb

from calibration.blas_threads import one_blas_thread
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
RESULTS = "## Several subjects"


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


def seconds(problem: Problem, lams: Sequence[float], way: str, rounds: int) -> float | None:
    """Return the fastest of some rounds, None where a way is not tried."""
    if way == "one matrix" and problem.data.n_weights > LARGEST_MATRIX:
        return None
    taken = []
    apart = prox_newton.is_apart if way != "one matrix" else (lambda *_: False)
    for _ in range(rounds):
        with mock.patch.object(prox_newton, "is_apart", apart):
            started = time.process_time()
            found = solve_path(problem, lams, method="newton" if way == "one matrix" else way)
            taken.append(time.process_time() - started)
        assert max(solution.gap for solution in found) <= 1e-6
    return min(taken)


def table(cases: Sequence[tuple[int, int, int, int]], rounds: int) -> list[str]:
    """Return the rows of the table, and print each when it is there."""
    lines = [
        "| subjects × trials × (channels × times) | similarity | λ/λ_max | "
        + " | ".join(WAYS)
        + " |",
        "|---|---|---|" + "---|" * len(WAYS),
    ]
    for case in cases:
        for similarity in (0.0, 1.0):
            problem = cohort(*case, similarity)
            top = lambda_max(problem)
            for name, lams in (("0.1", [0.1 * top]), ("path", top * np.geomspace(1, 0.03, 8))):
                if case in MANY and name == "path":
                    continue
                ways = WAYS if case[0] < 1000 else ("auto", "fista")
                found = {way: seconds(problem, lams, way, rounds) for way in ways}
                shown = ["–" if found.get(way) is None else f"{found[way]:.3f}" for way in WAYS]
                m, n, n_channels, n_times = case
                lines.append(
                    f"| {m} × {n} × ({n_channels} × {n_times}) | {similarity:g} | {name} | "
                    + " | ".join(shown)
                    + " |"
                )
                print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="one case, such as 15,100,10,31")
    parser.add_argument("--output", type=Path, help="a page that ends with these rows")
    options = parser.parse_args()
    cases = (*CASES, *MANY)
    if options.only:
        cases = (tuple(int(part) for part in options.only.split(",")),)
    with one_blas_thread():
        # The first run of each way loads its compiled code.
        for way in WAYS:
            for similarity in (0.0, 1.0):
                seconds(cohort(2, 60, 4, 4, similarity), [0.01], way, rounds=1)
        lines = table(cases, options.rounds)
    print(f"peak memory {peak_mb() / 1000:.2f} GB")
    if options.output:
        known = options.output.read_text(encoding="utf-8").partition(RESULTS)[0]
        command = f"`python benchmarks/solver_subjects.py --rounds {options.rounds}`"
        text = [f"{known}{RESULTS}", "", f"{command}, one thread, fastest round.", "", *lines, ""]
        options.output.write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
