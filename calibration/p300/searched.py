"""A linear method with the scores of its inner folds, before it is fitted on all epochs."""

import time
from collections.abc import Sequence
from copy import copy
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.preprocessing.montage_check import rms_and_correlations
from calibration.discriminants.scaled_epochs import EpochPool
from calibration.p300.discriminant_scores import standardised
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import estimator_of
from calibration.p300.evidence import fit_evidence
from calibration.p300.fitted import FittedDecoder
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.scored_letters import scored_letters
from calibration.p300.sensor_choice import Choice
from calibration.p300.training_epochs import (
    clean,
    purge_seconds,
    score_scale,
    training_folds,
)

__all__ = ["Searched", "search_together"]


class Searched(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A method on the sensors that it chose, with the scores of its inner folds.

    Parameters
    ----------
    epochs : EpochSet
        Of the chosen sensors, without artefacts.
    model : estimator
        Not fitted.
    limits : ndarray, shape (n_chosen,), or None
        Peak-to-peak limits, in the stream's unit.
    choice : Choice
        The chosen sensors.
    held_out : ndarray, shape (n_epochs,)
        See `held_out_scores`.
    seconds : float
        How long the inner folds took.
    pool : EpochPool, optional
        The epochs as the folds of a discriminant used them.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : Its search returns one.
    search_together : Returns several.
    calibration.p300.method_comparison.compared : Compares several.

    Examples
    --------
    `calibration.p300.method_choice.compared` has one: held-out scores without a model.

    >>> Searched.__struct_fields__
    ('epochs', 'model', 'limits', 'choice', 'held_out', 'seconds', 'pool')
    """

    epochs: EpochSet
    model: Any
    limits: NDArray[np.float64] | None
    choice: Choice
    held_out: NDArray[np.float64]
    seconds: float = 0.0
    pool: EpochPool | None = None

    def fitted(self, config: Config, stopping: bool = True) -> FittedDecoder:
        """Fit the model on all epochs, and its evidence on the held-out scores.

        Without stopping, the threshold stays as it is by default.
        """
        epochs = self.epochs
        unfitted = copy(self.model)
        if self.pool is None:
            fitted = unfitted.fit(epochs.X, epochs.y)
        else:
            fitted = unfitted.fit_scaled(self.pool.whole())
        mean, spread = score_scale(fitted, epochs.X)
        centred = np.vdot(fitted.coef_, fitted.center_) + fitted.intercept_ - mean
        seen = np.isfinite(self.held_out)
        letters = scored_letters(epochs, self.held_out)
        rule = config.stopping if stopping else None
        band_rms, correlation = rms_and_correlations(epochs.X, epochs.X.shape[1])
        return FittedDecoder(
            preprocessing=epochs.preprocessing,
            coef=fitted.coef_ * fitted.scale_[:, np.newaxis] / spread,
            center=fitted.center_,
            scale=fitted.scale_,
            intercept=float(centred / spread),
            limits=self.limits,
            band_rms=band_rms,
            correlation=correlation,
            epochs=epochs,
            evidence=fit_evidence(self.held_out[seen], epochs.y[seen], letters, rule),
            letters=tuple(letters),
            choice=self.choice,
            notes=getattr(fitted, "notes_", ()),
        )


def search_together(
    names: Sequence[str], recorded: RecordedEpochs, rows: NDArray[np.int64], config: Config
) -> list[Searched]:
    """Score discriminants on all sensors in the same inner folds.

    Figures of a fold that several of them need are computed once, in the seconds of the first one.

    Parameters
    ----------
    names : sequence of str
        As `estimator_of` takes them; each is a discriminant.
    recorded : RecordedEpochs
        Gives the epochs.
    rows : ndarray of int
        The epochs to learn from; no other is used.
    config : Config
        Artefact limit.

    Returns
    -------
    searched : list of Searched
        In the order of the names; each as if it had been searched alone.

    Raises
    ------
    RecordingError
        If the epochs are too few to train on.

    See Also
    --------
    calibration.p300.fitting.LinearMethod : Any linear method.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4)) + 2.0 * y[:, np.newaxis, np.newaxis]
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.arange(60) // 10, run=np.zeros(60, dtype=int), rejected={},
    ...     code=np.arange(60) % 3, time=np.arange(60.0), peak_to_peak=np.ones((60, 2)),
    ...     letters=(), preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> recorded = RecordedEpochs(epochs, cut_again=lambda preprocessing: epochs)
    >>> both = search_together(["xdawn-lda", "lda"], recorded, np.arange(60), Config())
    >>> [one.choice.sensors for one in both]
    [('Cz', 'Pz'), ('Cz', 'Pz')]
    """
    everything = recorded.all()
    epochs, limits = clean(everything[rows], config.artefacts.k)
    models = [estimator_of(name).unfitted([], "none") for name in names]
    held_out = np.full((len(models), len(epochs)), np.nan)
    seconds = np.zeros(len(models))
    folds = training_folds(epochs, purge_seconds(everything.preprocessing))
    pool = EpochPool(epochs.X, epochs.y)
    # Each product with weights would make it so: the chain's epochs are in the order of time.
    X = np.ascontiguousarray(epochs.X)
    for shared, (train, test) in zip(pool.parts([rows for rows, _ in folds]), folds, strict=True):
        for number, model in enumerate(models):
            started = time.perf_counter()
            fitted = copy(model).fit_scaled(shared)
            scores = fitted.decision_function(X)
            held_out[number, test] = standardised(scores, train)[test]
            seconds[number] += time.perf_counter() - started
    choice = Choice(sensors=everything.preprocessing.ch_names)
    return [
        Searched(
            epochs=epochs,
            model=model,
            limits=limits,
            choice=choice,
            held_out=scores,
            seconds=spent,
            pool=pool,
        )
        for model, scores, spent in zip(models, held_out, seconds.tolist(), strict=True)
    ]
