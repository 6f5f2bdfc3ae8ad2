"""A plain group solver on several subjects, in a process of its own.

    python -m benchmarks.solver_stacked FILE

FILE is what `solver_subjects.py` wrote: every subject's matrix on the diagonal of one, and a column
of ones for each bias, which is a group without a penalty. adelie solves that at ever smaller
tolerances, until its objective at each λ is at most 1e-6 above the optimum. The CPU seconds of the
last try are printed. The interpreter needs adelie, and nothing of this project.
"""

import sys
import time

import numpy as np

from benchmarks.solver_worker import ERROR, LADDER, adelie_loss


def objective(w: np.ndarray, problem: dict[str, np.ndarray], lam: float) -> float:
    """Return the loss plus λ Σ ‖w_g‖ over the penalised groups."""
    residual = np.maximum(1 - problem["y"] * (problem["X"] @ w), 0)
    lengths = np.sqrt(np.add.reduceat(w * w, problem["starts"]))
    return float(np.mean(residual**2) / 2 + lam * (problem["prices"] @ lengths))


def solved(problem: dict[str, np.ndarray], tol: float) -> tuple[float, list[float]]:
    """Return CPU seconds and the objective at every λ."""
    from adelie import grpnet

    lams = problem["lams"]
    groups = {"groups": problem["starts"], "penalty": problem["prices"], "intercept": False}
    path = {"lmda_path": lams, "early_exit": False, "adev_tol": 1.0}
    stop = {"tol": tol, "irls_tol": tol, "n_threads": 1, "progress_bar": False}
    loss = adelie_loss()(problem["y"])
    began = time.process_time()
    state = grpnet(problem["X"], loss, **groups, **path, **stop)
    seconds = time.process_time() - began
    found = zip(state.betas.toarray(), lams, strict=True)
    return seconds, [objective(w, problem, lam) for w, lam in found]


def main() -> None:
    """Print CPU seconds and tolerance; nothing where no tolerance of the ladder suffices."""
    with np.load(sys.argv[1], allow_pickle=False) as file:
        problem = dict(file)
    problem["X"] = np.asfortranarray(problem["X"])
    for tol in (*LADDER, 3e-9, 1e-9, 3e-10, 1e-10):
        seconds, values = solved(problem, tol)
        if np.all(values <= problem["optimum"] * (1 + ERROR)):
            print(seconds, tol)
            return


if __name__ == "__main__":
    main()
