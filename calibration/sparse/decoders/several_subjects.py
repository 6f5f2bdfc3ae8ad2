"""Training sets of several subjects solved together, and a new subject drawn to learnt ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from calibration.sparse.datafit.squared_hinge import SquaredHinge, squared_hinge
from calibration.sparse.decoders.training_set import (
    Decoder,
    Regularizer,
    TrainingSet,
    empty_decoder,
    kept_sensors,
    refitted,
    sensor_strengths,
    sparse_path,
)
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
    strengths: np.ndarray | None = None,
    refit: str | None = None,
    tol: float,
    max_iter: int,
) -> list[JointSolution]:
    """Solve one SVM on all subjects' trials (SVM-Full), at every fraction of λ_max.

    Every subject is already centred and scaled on its own. All subjects have the same weights, also
    after a refit.
    """
    everyone = TrainingSet(
        Z=np.concatenate([part.Z for part in sets]),
        y=np.concatenate([part.y for part in sets]),
        weights=np.concatenate([part.weights for part in sets]),
        s=np.concatenate([part.s for part in sets]),
        scaling=sets[0].scaling,
    )
    found = sparse_path(
        everyone, regularizer, alphas, strengths=strengths, tol=tol, max_iter=max_iter
    )
    return [
        JointSolution([decoder] * len(sets), decoder.sensors)
        for decoder in refitted(everyone, found, refit)
    ]


def joint_path(
    sets: Sequence[TrainingSet],
    regularizer: Regularizer,
    alphas: Sequence[float] | np.ndarray,
    similarity: float,
    *,
    strengths: np.ndarray | None = None,
    refit: str | None = None,
    tol: float,
    max_iter: int,
) -> list[JointSolution]:
    """Solve all subjects' SVMs with one group per sensor across them (MGSVM-2, MGSVM-2s).

    ``1/(2n) Σ_t Σ_i s_i (1 − y_i f_i)₊² + λ Ω(W) + λ_s Σ_t ‖w_t − w̄‖²`` with n the trials of all
    subjects, so for a subject with few trials the others decide most. In Ω a sensor's group, and a
    time's, holds the weights of all subjects.

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
    strengths : ndarray, shape (n_sensors,), optional
        ‖W*_g‖_F of a first solution, for the adaptive penalty; see `sparse_path`.
    refit : {None, "lda", "btlda", "l2"}
        Replaces each subject's weights by its own on the sensors that all share.
    tol, max_iter
        See `calibration.sparse.solvers.path.solve_path`.

    Returns
    -------
    solutions : list of JointSolution
    """
    layout, m = sets[0].layout, len(sets)
    kept, weights = kept_sensors(regularizer, layout, strengths)
    if kept.size == 0:
        return [JointSolution([empty_decoder(part) for part in sets], kept) for _ in alphas]
    columns, starts = layout.columns_of(kept), layout.within(kept)
    data = _stacked(sets, None if kept.size == layout.n_sensors else columns, starts)
    tie: Quadratic = Nothing()
    if similarity > 0.0 and m > 1:
        tie = Similarity(similarity / (2 * m), data.columns)
    problem = Problem(data, regularizer.build(starts, weights, m), tie)
    unit = lambda_unit(problem)
    solutions = solve_path(problem, [a * unit for a in alphas], tol=tol, max_iter=max_iter)
    whole = np.zeros((m, layout.starts[-1]))
    path = []
    for solved in solutions:
        whole[:, columns] = solved.w[data.columns]
        path.append(_joint(whole.copy(), solved, sets[0]))
    if refit is None:
        return path
    own = [
        refitted(train, [joint.decoders[t] for joint in path], refit)
        for t, train in enumerate(sets)
    ]
    return [
        replace(joint, decoders=[decoders[k] for decoders in own]) for k, joint in enumerate(path)
    ]


def _stacked(
    sets: Sequence[TrainingSet], columns: np.ndarray | None, starts: np.ndarray
) -> SquaredHinge:
    return squared_hinge(
        [part.Z if columns is None else part.Z[:, columns] for part in sets],
        [part.y for part in sets],
        [part.s for part in sets],
        starts,
    )


def _joint(coefs: np.ndarray, solved: Solution, train: TrainingSet) -> JointSolution:
    sensors = np.flatnonzero(joint_strengths(coefs, train))
    return JointSolution(
        [
            Decoder(coef, float(bias), sensors, solved.lam, solved.gap, solved.n_iter)
            for coef, bias in zip(coefs, solved.bias, strict=True)
        ],
        sensors,
    )


def joint_strengths(coefs: Sequence[np.ndarray] | np.ndarray, train: TrainingSet) -> np.ndarray:
    """Return ‖W_g‖_F of every sensor over the subjects, shape (n_sensors,)."""
    squares = sum(sensor_strengths(coef, train.layout) ** 2 for coef in coefs)
    return np.sqrt(squares)


@dataclass(frozen=True)
class Sources:
    """What a new subject takes over from the learnt ones.

    Attributes
    ----------
    centre : ndarray, shape (n_features,)
        Their mean weights before any refit, on scaled features, sensor by sensor.
    strengths : ndarray, shape (n_sensors,), or None
        ‖W_g‖_F of theirs where the penalty is adaptive.
    n_subjects, n_trials : int
        How many they are, and how many trials they have together.
    """

    centre: np.ndarray
    strengths: np.ndarray | None
    n_subjects: int
    n_trials: int

    def pull(self, similarity: float, n: int) -> float:
        """Return λ_s of a new subject with n trials.

        It is the pull of a joint problem that has this subject as one more, while the others keep
        their weights: there ``λ_s Σ_t ‖w_t − w̄‖²`` is ``λ_s m/(m + 1) ‖w − w̄_others‖²`` plus a
        constant, and this subject's loss has the share n/(N + n).
        """
        m = self.n_subjects
        return similarity / (2 * (m + 1)) * m / (m + 1) * (self.n_trials + n) / n


def drawn_path(
    train: TrainingSet,
    regularizer: Regularizer,
    alphas: Sequence[float] | np.ndarray,
    similarity: float,
    sources: Sources,
    *,
    tol: float,
    max_iter: int,
) -> list[Decoder]:
    """Learn a new subject drawn to learnt ones, which stay as they are.

    Minimises the subject's own loss ``+ λ Ω(w) + λ_s ‖w − centre‖²``.

    Parameters
    ----------
    train : TrainingSet
        The new subject's trials.
    regularizer : Regularizer
    alphas : sequence of float
        Fractions of λ_max of the subject's own loss, without the pull, falling: λ does not depend
        on λ_s.
    similarity : float
        In the joint problem's unit, see `Sources.pull`. Zero leaves the subject alone. With
        infinity the weights are those of the sources; centre, scale and bias are the subject's.
    sources : Sources
    tol, max_iter
        See `calibration.sparse.solvers.path.solve_path`.

    Returns
    -------
    decoders : list of Decoder
        One per alpha.
    """
    layout = train.layout
    kept, weights = kept_sensors(regularizer, layout, sources.strengths)
    if kept.size == 0:
        return [empty_decoder(train) for _ in alphas]
    columns, starts = layout.columns_of(kept), layout.within(kept)
    data = squared_hinge([train.Z[:, columns]], [train.y], [train.s], starts)
    centre = sources.centre[columns]
    own = Problem(data, regularizer.build(starts, weights))
    lams = [alpha * lambda_unit(own) for alpha in alphas]
    if similarity == np.inf:
        bias = data.biases(data.product(centre), np.zeros(1))
        solutions = [Solution(centre, bias, lam, 0.0, 0) for lam in lams]
    else:
        strength = sources.pull(similarity, len(train.y))
        problem = replace(own, quadratic=Pull(strength, centre)) if strength > 0.0 else own
        solutions = solve_path(problem, lams, tol=tol, max_iter=max_iter)
    found = []
    for solved in solutions:
        coef = np.zeros(layout.starts[-1])
        coef[columns] = solved.w
        found.append(_joint(coef[None], solved, train).decoders[0])
    return found
