"""Training sets of several subjects solved together, and a new subject drawn to learnt ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.sparse.datafit.squared_hinge import squared_hinge
from calibration.sparse.decoders.training_set import (
    Decoder,
    Regularizer,
    TrainingSet,
    sensor_strengths,
)
from calibration.sparse.penalties.mixed_norms import GroupNorm
from calibration.sparse.penalties.quadratics import Nothing, Pull, Quadratic, Similarity
from calibration.sparse.problem import Problem, Solution, lambda_unit
from calibration.sparse.solvers.path import solve_path


@dataclass(frozen=True)
class JointSolution:
    """One λ of a joint problem: a decoder per subject, in the order of the training sets."""

    decoders: list[Decoder]
    sensors: np.ndarray


def pooled_path(
    sets: Sequence[TrainingSet],
    regularizer: Regularizer,
    alphas: Sequence[float] | np.ndarray,
    *,
    tol: float,
    max_iter: int,
) -> list[JointSolution]:
    """Solve one SVM on all subjects' trials (SVM-Full), at every fraction of λ_max.

    Every subject was centred and scaled on its own before.
    """
    layout = sets[0].layout
    data = squared_hinge(
        [np.concatenate([part.Z for part in sets])],
        [np.concatenate([part.y for part in sets])],
        [np.concatenate([part.s for part in sets])],
        layout.starts,
    )
    penalty = regularizer.build(layout.starts, regularizer.weights(layout.starts))
    problem = Problem(data, penalty)
    lams = [alpha * lambda_unit(problem) for alpha in alphas]
    solutions = solve_path(problem, lams, tol=tol, max_iter=max_iter)
    shared = np.tile(np.arange(layout.starts[-1]), (len(sets), 1))
    return [_joint(sets, solved, shared) for solved in solutions]


def joint_path(
    sets: Sequence[TrainingSet],
    regularizer: Regularizer,
    alphas: Sequence[float] | np.ndarray,
    similarity: float,
    *,
    tol: float,
    max_iter: int,
) -> list[JointSolution]:
    """Solve all subjects' SVMs with one group per sensor across them (MGSVM-2, MGSVM-2s).

    ``1/(2n) Σ_t Σ_i s_i (1 − y_i f_i)₊² + λ Σ_g ω_g ‖W_g‖_F + λ_s Σ_t ‖w_t − w̄‖²`` with n the
    trials of all subjects, so that a subject with few trials leans on the others.

    Parameters
    ----------
    sets : sequence of TrainingSet
        One per subject, the same sensors in the same order.
    regularizer : Regularizer
    alphas : sequence of float
        Fractions of λ_max, falling.
    similarity : float
        λ_s = similarity/(2 n_subjects). At 1 the pull to the mean has the same curvature as an
        average subject's trials have on a feature of unit variance. 0 is MGSVM-2.
    tol, max_iter
        See `calibration.sparse.solvers.path.solve_path`.

    Returns
    -------
    solutions : list of JointSolution
    """
    layout, m = sets[0].layout, len(sets)
    data = squared_hinge(
        [part.Z for part in sets],
        [part.y for part in sets],
        [part.s for part in sets],
        layout.starts,
    )
    weights = regularizer.weights(layout.starts)
    tie: Quadratic = Nothing()
    if similarity > 0.0 and m > 1:
        tie = Similarity(similarity / (2 * m), data.columns)
    problem = Problem(data, GroupNorm(layout.starts * m, weights, regularizer.q), tie)
    lams = [alpha * lambda_unit(problem) for alpha in alphas]
    solutions = solve_path(problem, lams, tol=tol, max_iter=max_iter)
    return [_joint(sets, solved, data.columns) for solved in solutions]


def _joint(sets: Sequence[TrainingSet], solved: Solution, columns: np.ndarray) -> JointSolution:
    biases = np.broadcast_to(solved.bias, len(sets))
    coefs = [solved.w[places] for places in columns]
    strengths = sum(sensor_strengths(coef, sets[0].layout) for coef in coefs)
    sensors = np.flatnonzero(strengths)
    return JointSolution(
        [
            Decoder(coef, float(bias), sensors, solved.lam, solved.gap, solved.n_iter)
            for coef, bias in zip(coefs, biases, strict=True)
        ],
        sensors,
    )


def drawn_decoder(
    train: TrainingSet,
    regularizer: Regularizer,
    alpha: float,
    strength: float,
    centre: np.ndarray,
    *,
    tol: float,
    max_iter: int,
) -> Decoder:
    """Learn a new subject drawn to learnt ones, which stay as they are.

    Minimises the subject's own loss ``+ λ Σ_g ω_g ‖w_g‖_q + strength ‖w − centre‖²``.

    Parameters
    ----------
    train : TrainingSet
        The new subject's trials.
    regularizer : Regularizer
    alpha : float
        Fraction of this problem's λ_max.
    strength : float
        λ_s; zero leaves the subject alone.
    centre : ndarray, shape (n_features,)
        Mean weights of the sources, on scaled features.
    tol, max_iter
        See `calibration.sparse.solvers.path.solve_path`.
    """
    starts = train.layout.starts
    data = squared_hinge([train.Z], [train.y], [train.s], starts)
    pull: Quadratic = Pull(strength, centre) if strength > 0.0 else Nothing()
    penalty = GroupNorm(starts, regularizer.weights(starts), regularizer.q)
    problem = Problem(data, penalty, pull)
    lam = alpha * lambda_unit(problem)
    solved = solve_path(problem, [lam], tol=tol, max_iter=max_iter)[0]
    return _joint([train], solved, data.columns).decoders[0]
