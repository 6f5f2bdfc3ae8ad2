"""A new subject's decoder, learnt together with other subjects' epochs."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from bci_online.metrics import auc
from calibration.discriminants.shrinkage_lda import ShrinkageLDA
from calibration.folds import Fold
from calibration.method_names import POOLED
from calibration.p300.pooling.lag import Lag, estimate_lag
from calibration.p300.pooling.sources import PoolSource, standardised
from calibration.sparse.estimators.joint_fit import decoders_of, fit_jointly
from calibration.sparse.estimators.multi_task import MultiTaskGroupSVM
from calibration.sparse.estimators.trials import checked_trials

__all__ = ["PooledClassifier"]

Array = NDArray[np.float64]

# Used unless held-out letters show that others are better.
DEFAULT_ALPHA = {"svm": 1.0, "mgsvm-2": 0.1, "mgsvm-2s": 0.1, "asymmetric": 0.1}
ALPHAS = {"svm": (10.0, 3.0, 1.0, 0.3, 0.1), "mgsvm-2": (0.3, 0.1, 0.03)}
DEFAULT_SIMILARITY = 10.0
SIMILARITIES = (1.0, 10.0, 100.0)
# Of the duality gap in folds: a smaller one does not change the order of AUCs.
ROUGH = 1e-3
# The folds' paired gains must be significant at this level, corrected for all values tried.
LEVEL = 0.05
FEWEST_FOLDS = 3


class PooledClassifier(ClassifierMixin, BaseEstimator):
    """One subject's linear decoder, helped by sources.

    Every recording is centred and scaled per sensor on its own, so that units and gains do not
    matter. The sources are parameters; only the new subject's epochs are passed to `fit`.

    Parameters
    ----------
    method : {"lda", "svm", "mgsvm-2", "mgsvm-2s", "asymmetric"}
        "lda": one shrinkage LDA on everyone's epochs. "svm": SVM-Full, one SVM on them.
        "mgsvm-2": the same sensors, separate weights. "mgsvm-2s": the same, and weights drawn to
        each other. "asymmetric": the sources are learnt first; the new subject is drawn to them.
    sources : sequence of PoolSource
        On the sensors of X.
    align : bool, default True
        Take each source at the lag that `estimate_lag` finds on the epochs of `fit`, and leave it
        out if it does not separate their targets. False takes all sources as they are.
    alpha, similarity : float, optional
        See `MultiTaskGroupSVM`. By default a fixed value, which held-out folds change only with
        evidence: cross-validation on the few targets of a short calibration is noise.
    cv : sequence of (train, test), optional
        Folds of the new subject's epochs. Without them the defaults are used.

    Attributes
    ----------
    coef_ : ndarray, shape (n_channels, n_times)
        Weights of the raw input.
    intercept_ : float
    center_ : ndarray, shape (n_channels, n_times)
    scale_ : ndarray, shape (n_channels,)
    sensors_ : ndarray of int
    lags_ : tuple of Lag
        One per source.
    alpha_, similarity_ : float
    moved_ : bool
        Whether the folds gave evidence for other values than the default.
    classes_ : ndarray, shape (2,)

    See Also
    --------
    calibration.p300.pooling.sources.PoolSource : One source.
    calibration.p300.pooling.lag.estimate_lag : Its lag.
    calibration.sparse.estimators.multi_task.MultiTaskGroupSVM : Several subjects together.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(80) % 4 == 0
    >>> dense = rng.normal(size=(80, 2, 35))
    >>> dense[y, 0, 15:20] += 2.0
    >>> source = PoolSource(
    ...     name="earlier", dense=dense, y=y, ch_names=("Cz", "Pz"), per_step=1, n_times=5,
    ...     step=0.01,
    ... )
    >>> model = PooledClassifier("lda", [source], align=False).fit(source.at(0.0)[:20], y[:20])
    >>> model.coef_.shape
    (2, 5)
    """

    def __init__(
        self,
        method: str = "mgsvm-2s",
        sources: Sequence[PoolSource] = (),
        align: bool = True,
        alpha: float | None = None,
        similarity: float | None = None,
        cv: Sequence[Fold] | None = None,
    ) -> None:
        self.method = method
        self.sources = sources
        self.align = align
        self.alpha = alpha
        self.similarity = similarity
        self.cv = cv

    def fit(self, X: Array, y: NDArray[np.bool_]) -> Self:
        """Learn from the new subject's epochs (n_epochs, n_channels, n_times) and the sources.

        Raises
        ------
        ValueError
            If the method is unknown, there is no source, or X does not have the sources' shape.
        """
        if self.method not in POOLED:
            raise ValueError(f"method must be one of {POOLED}, got {self.method!r}")
        if not self.sources:
            raise ValueError("sources must hold at least one PoolSource, got none")
        shape = self.sources[0].at(0.0).shape[1:]
        if X.shape[1:] != shape:
            raise ValueError(f"X must hold epochs of the sources' {shape}, got {X.shape[1:]}")
        y = np.asarray(y, dtype=bool)
        self.alpha_, self.similarity_, self.moved_ = self._chosen(X, y)
        self.lags_, found = self._solved(X, y, (self.alpha_,), self.similarity_)
        self.coef_, self.intercept_ = found[0].coef_, float(found[0].intercept_)
        self.center_, self.scale_ = found[0].center_, found[0].scale_
        self.sensors_ = found[0].sensors_
        self.classes_, self.n_features_in_ = np.array([False, True]), X.shape[1]
        return self

    def decision_function(self, X: Array) -> Array:
        """Return one score per epoch; above 0 means a target."""
        check_is_fitted(self)
        scores: Array = np.tensordot(X, self.coef_, axes=2) + self.intercept_
        return scores

    def predict(self, X: Array) -> NDArray[np.bool_]:
        """Return the likelier label of each epoch."""
        return self.decision_function(X) > 0

    def on_chosen(self) -> "PooledClassifier":
        """Return an unfitted estimator for the chosen sensors alone, with the strengths found."""
        check_is_fitted(self)
        names = [self.sources[0].ch_names[sensor] for sensor in self.sensors_]
        sources = tuple(source.on(names) for source in self.sources)
        return PooledClassifier(self.method, sources, self.align, self.alpha_, self.similarity_)

    @property
    def notes_(self) -> tuple[str, ...]:
        """What was found about each source, one line each."""
        lags = zip(self.sources, self.lags_, strict=bool(self.lags_))
        return tuple(lag.described(source.name) for source, lag in lags)

    def _chosen(self, X: Array, y: NDArray[np.bool_]) -> tuple[float, float, bool]:
        """Return alpha, similarity, and whether the folds changed them."""
        default = self._default()
        alphas, similarities = self._grid()
        if len(alphas) * len(similarities) == 1 or self.cv is None:
            return (*default, False)
        folds = [
            (train, test)
            for train, test in self.cv
            if 0 < y[test].sum() < len(test) and 0 < y[train].sum() < len(train)
        ]
        if len(folds) < FEWEST_FOLDS:
            return (*default, False)
        scores = np.array(
            [[self._fold_scores(X, y, fold, alphas, tie) for tie in similarities] for fold in folds]
        )
        at = similarities.index(default[1]), alphas.index(default[0])
        gains = scores - scores[:, at[0], at[1]][:, np.newaxis, np.newaxis]
        mean = gains.mean(axis=0)
        error = gains.std(axis=0, ddof=1) / np.sqrt(len(folds))
        n_others = mean.size - 1
        sure = student_t.ppf(1 - LEVEL / n_others, len(folds) - 1)
        certain = np.where(mean > sure * error, mean, 0.0)
        tie, alpha = np.unravel_index(int(np.argmax(certain)), certain.shape)
        if certain[tie, alpha] <= 0.0:
            return (*default, False)
        return alphas[alpha], similarities[tie], True

    def _fold_scores(
        self, X: Array, y: NDArray[np.bool_], fold: Fold, alphas: Sequence[float], tie: float
    ) -> list[float]:
        train, test = fold
        _, found = self._solved(X[train], y[train], alphas, tie, ROUGH)
        return [auc(y[test], np.tensordot(X[test], one.coef_, axes=2)) for one in found]

    def _default(self) -> tuple[float, float]:
        alpha = DEFAULT_ALPHA.get(self.method, 1.0) if self.alpha is None else self.alpha
        usual = 0.0 if self.method == "mgsvm-2" else DEFAULT_SIMILARITY
        return alpha, usual if self.similarity is None else self.similarity

    def _grid(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the alphas, falling, and the similarities to try; the defaults are among them."""
        alpha, similarity = self._default()
        alphas: tuple[float, ...] = (alpha,)
        similarities: tuple[float, ...] = (similarity,)
        if self.method in ALPHAS and self.alpha is None:
            alphas = ALPHAS[self.method]
        if self.method in {"mgsvm-2s", "asymmetric"} and self.similarity is None:
            similarities = SIMILARITIES
        return alphas, similarities

    def _solved(
        self,
        X: Array,
        y: NDArray[np.bool_],
        alphas: Sequence[float],
        similarity: float,
        tol: float = 1e-6,
    ) -> tuple[tuple[Lag, ...], list[Any]]:
        """Return the lags and one decoder of the new subject per alpha."""
        lags = tuple(estimate_lag(source, X, y) for source in self.sources) if self.align else ()
        if self.align:
            used = [
                (s, lag.seconds) for s, lag in zip(self.sources, lags, strict=True) if lag.reads
            ]
        else:
            used = [(source, 0.0) for source in self.sources]
        parts = [source.at(shift) for source, shift in used]
        labels = [source.y for source, _ in used]
        if self.method == "lda":
            return lags, [_pooled_lda(X, y, parts, labels)]
        model = MultiTaskGroupSVM(similarity=similarity, class_weight="balanced", tol=tol)
        if self.method == "asymmetric" and parts:
            owners = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
            sources = np.concatenate(parts), np.concatenate(labels), owners
            found = [model.set_params(alpha=a).fit(*sources).fit_target(X, y) for a in alphas]
            return lags, found
        if self.method == "svm":
            model.set_params(sharing="pooled", penalty="l2")
        everyone = np.concatenate([X, *parts]), np.concatenate([y, *labels])
        owners = np.repeat(np.arange(len(parts) + 1), [len(X), *(len(part) for part in parts)])
        trials = checked_trials(model, *everyone, None)
        sets, path = fit_jointly(model, trials, owners, np.array(alphas), similarity)
        # The new subject is the first.
        return lags, [decoders_of(model, trials, sets, joint)[0] for joint in path]


def _pooled_lda(
    X: Array, y: NDArray[np.bool_], parts: Sequence[Array], labels: Sequence[NDArray[np.bool_]]
) -> ShrinkageLDA:
    """Return a shrinkage LDA of everyone's scaled epochs, for the new subject's raw ones."""
    own, center, scale = standardised(X)
    scaled = np.concatenate([own, *(standardised(part)[0] for part in parts)])
    model = ShrinkageLDA().fit(scaled, np.concatenate([y, *labels]))
    model.coef_ = model.coef_ / scale[:, np.newaxis]
    model.intercept_ = float(model.intercept_ - np.vdot(model.coef_, center))
    model.center_, model.scale_ = center, scale
    return model
