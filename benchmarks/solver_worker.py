"""The solvers that `solver.py` compares, each of them in a process of its own.

    python -m benchmarks.solver_worker NAME

answers every line (size, fractions of λ, tolerance) on its standard input with the CPU seconds that
the solver took and the objective at every λ. An interpreter without this project can run it, as
long as it has the solver: adelie pins numpy < 2.
"""

import functools
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SIZES = {"small": (3000, 32, 8), "middle": (6000, 64, 12), "big": (15300, 64, 15)}
CERTIFIED = "prox-Newton, gap proven"
# Relative error to reach, and the tolerances that are tried.
ERROR = 1e-6
LADDER = [1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7, 1e-7, 3e-8, 1e-8]

Found = list[tuple[np.ndarray, float]]


@dataclass(frozen=True)
class Task:
    """One call of a solver: weights and bias at every λ."""

    X: np.ndarray
    y: np.ndarray
    starts: np.ndarray
    lams: list[float]
    tol: float

    @property
    def weights(self) -> np.ndarray:
        """Equal weights of all groups."""
        return np.ones(self.starts.size - 1)


def simulated_epochs(size: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features (columns contiguous, one scale per sensor), labels ±1 and group starts.

    Noise is correlated over neighbouring sensors and in time; one flash in six carries a response.
    """
    n, n_channels, n_times = SIZES[size]
    rng = np.random.default_rng(0)
    places = rng.normal(size=(n_channels, 3))
    places /= np.linalg.norm(places, axis=1)[:, None]
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    mixing = np.linalg.cholesky(np.exp(-apart / 0.7) + 0.1 * np.eye(n_channels))
    y = np.where(rng.random(n) < 1 / 6, 1.0, -1.0)
    X = rng.normal(size=(n, n_channels, n_times))
    for t in range(1, n_times):
        X[:, :, t] = 0.7 * X[:, :, t - 1] + np.sqrt(1 - 0.7**2) * X[:, :, t]
    X = np.einsum("cd,ndt->nct", mixing, X, optimize=True)
    seconds = np.linspace(0, 1, n_times)
    wave = np.exp(-(((seconds - 0.4) / 0.12) ** 2)) - 0.5 * np.exp(-(((seconds - 0.2) / 0.07) ** 2))
    topography = np.exp(-((apart[0] / 0.6) ** 2)) + 0.6 * np.exp(-((apart[1] / 0.4) ** 2))
    X[y > 0] += 0.35 * topography[:, None] * wave
    X -= X.mean(axis=0)
    X /= np.sqrt(X.var(axis=0).mean(axis=1))[:, None]
    return np.asfortranarray(X.reshape(n, -1)), y, np.arange(n_channels + 1) * n_times


def ours(task: Task, dtype: type = np.float32, method: str = "auto", plain: bool = False) -> Found:
    """Solve with this project."""
    from calibration.sparse.datafit.squared_hinge import squared_hinge
    from calibration.sparse.penalties.mixed_norms import GroupNorm, Ridge
    from calibration.sparse.problem import Problem
    from calibration.sparse.solvers.path import solve_path

    penalty = Ridge(task.starts) if plain else GroupNorm(task.starts, task.weights)
    data = squared_hinge([task.X], [task.y], [np.ones(task.y.size)], task.starts)
    found = solve_path(Problem(data, penalty), task.lams, tol=task.tol, dtype=dtype, method=method)
    return [(solution.w, float(solution.bias[0])) for solution in found]


def adelie(task: Task) -> Found:
    """Solve with adelie's group elastic net."""
    from adelie import grpnet

    groups = {"groups": task.starts[:-1], "penalty": task.weights}
    path = {"lmda_path": np.array(task.lams), "early_exit": False, "adev_tol": 1.0}
    stop = {"tol": task.tol, "irls_tol": task.tol, "n_threads": 1, "progress_bar": False}
    state = grpnet(task.X, adelie_loss()(task.y), **groups, **path, **stop)
    return list(zip(state.betas.toarray(), map(float, state.intercepts), strict=True))


@functools.cache
def adelie_loss() -> type:
    """Return the squared hinge as a GLM of adelie."""
    from adelie.adelie_core.glm import GlmBase64
    from adelie.glm import glm_base

    class SquaredHinge(glm_base, GlmBase64):
        def __init__(self, y: np.ndarray) -> None:
            glm_base.__init__(self, y, None, None, np.float64)
            GlmBase64.__init__(self, "squared_hinge", self.y, self.weights)

        # adelie reads what these write into their last array.
        def gradient(self, eta, grad):
            grad[...] = self.weights * self.y * np.maximum(1 - self.y * eta, 0)

        def hessian(self, eta, grad, hess):
            hess[...] = self.weights * (self.y * eta < 1)

        def inv_hessian_gradient(self, eta, grad, hess, out):
            out[...] = np.where(hess > 0, grad / np.where(hess > 0, hess, 1), 0)

        def loss(self, eta: np.ndarray) -> float:
            return float(0.5 * np.sum(self.weights * np.maximum(1 - self.y * eta, 0) ** 2))

        def loss_full(self) -> float:
            return 0.0

    return SquaredHinge


def skglm(task: Task) -> Found:
    """Solve with skglm's GroupBCD, one λ warm-started from the other."""
    from skglm.penalties import WeightedGroupL2
    from skglm.solvers import GroupBCD
    from skglm.utils.jit_compilation import compiled_clone

    n, p = task.X.shape
    pointers, indices = task.starts.astype(np.int32), np.arange(p, dtype=np.int32)
    datafit = compiled_clone(skglm_loss()(pointers, indices))
    penalty = compiled_clone(WeightedGroupL2(1.0, task.weights, pointers, indices))
    solver = GroupBCD(max_iter=1000, max_epochs=1000, tol=task.tol, fit_intercept=True)
    w, Xw, found = np.zeros(p + 1), np.zeros(n), []
    for lam in task.lams:
        penalty.alpha = lam
        w = solver._solve(task.X, task.y, datafit, penalty, w_init=w, Xw_init=Xw)[0]
        found.append((w[:-1].copy(), float(w[-1])))
    return found


@functools.cache
def skglm_loss() -> type:
    """Return the squared hinge as a group datafit of skglm."""
    from skglm.datafits.group import QuadraticGroup

    class SquaredHingeGroup(QuadraticGroup):
        # numba compiles these: annotations would only be in its way.
        def value(self, y, w, Xw):
            return np.sum(np.maximum(1 - y * Xw, 0) ** 2) / (2 * len(y))

        def gradient_g(self, X, y, w, Xw, g):
            columns = self.grp_indices[self.grp_ptr[g] : self.grp_ptr[g + 1]]
            pull = y * np.maximum(1 - y * Xw, 0) / len(y)
            grad = np.zeros(len(columns))
            for k, j in enumerate(columns):
                grad[k] = -np.dot(X[:, j], pull)
            return grad

        def intercept_update_step(self, y, Xw):
            return -np.mean(y * np.maximum(1 - y * Xw, 0))

    return SquaredHingeGroup


def linear_svc(task: Task) -> Found:
    """Solve the plain SVM with scikit-learn; λ is its ridge."""
    from sklearn.svm import LinearSVC

    C = 1 / (task.y.size * task.lams[0])
    model = LinearSVC(C=C, dual=False, tol=task.tol, max_iter=100_000).fit(task.X, task.y)
    return [(model.coef_[0], float(model.intercept_[0]))]


# What must be importable, and the solver.
SOLVERS: dict[str, tuple[str, Callable[[Task], Found]]] = {
    "prox-Newton": ("numba", ours),
    CERTIFIED: ("numba", ours),
    "prox-Newton, float64 Gram": ("numba", functools.partial(ours, dtype=np.float64)),
    "adelie": ("adelie", adelie),
    "skglm GroupBCD": ("skglm", skglm),
    "FISTA": ("numba", functools.partial(ours, method="fista")),
    "plain ℓ2: prox-Newton": ("numba", functools.partial(ours, plain=True)),
    "plain ℓ2: LinearSVC": ("sklearn", linear_svc),
}


def objective(name: str, task: Task, w: np.ndarray, bias: float, lam: float) -> float:
    """Return what the solver of this name minimises."""
    loss = np.mean(np.maximum(1 - task.y * (task.X @ w + bias), 0) ** 2) / 2
    if name.startswith("plain"):
        return float(loss + 0.5 * lam * (w @ w + bias**2 * name.endswith("SVC")))
    return float(loss + lam * np.sqrt(np.add.reduceat(w * w, task.starts[:-1])).sum())


def work(name: str) -> None:
    """Answer (size, fractions of λ, tol) from standard input with CPU seconds and objectives."""
    solve, epochs = SOLVERS[name][1], {size: simulated_epochs(size) for size in SIZES}
    for line in sys.stdin:
        size, fractions, tol = json.loads(line)
        X, y, starts = epochs[size]
        c = X.T @ (y * (1 - y * y.mean()) / y.size)
        lambda_max = np.sqrt(np.add.reduceat(c * c, starts[:-1])).max()
        unit = 0.1 if name.startswith("plain") else lambda_max
        task = Task(X, y, starts, [fraction * unit for fraction in fractions], tol)
        began = time.process_time()
        found = solve(task)
        seconds = time.process_time() - began
        rows = zip(found, task.lams, strict=True)
        print(json.dumps([seconds, [objective(name, task, *row, lam) for row, lam in rows]]))
        sys.stdout.flush()


if __name__ == "__main__":
    work(sys.argv[1])
