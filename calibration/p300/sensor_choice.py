"""Which sensors a decoder uses, and how they were chosen."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.errors import BciError
from calibration.folds import Fold, units
from calibration.p300.epochs import EpochSet
from calibration.p300.flash_estimator import FlashEstimator
from calibration.p300.sensor_ways import (
    PATH,
    TEXTBOOK,
    TriedWay,
    compared_ways,
    ways_to_choose,
)
from calibration.training_request import SensorNumber

__all__ = ["Choice", "choice_of", "choose_sensors"]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The chosen sensors, and their place on the path; None for what the method does not have.

    Parameters
    ----------
    sensors : tuple of str
        In the recording's order.
    alpha : float, optional
        ``lam`` as a fraction of λ_max (svm: of the mean variance of a feature). If a number of
        sensors was asked for, it is where the last of them entered, unless the weights have a λ of
        their own.
    lam : float, optional
        λ, the strength of the penalty.
    q : float, optional
        Exponent of the group norm.
    frequency : dict of str to float, optional
        Share of the resampled trainings that choose each sensor.
    way : str
        How they were chosen, if a number was asked for.
    tried : tuple of TriedWay
        What it was chosen from, if there was more than one way.

    See Also
    --------
    choose_sensors : Choose a given number of sensors.

    Examples
    --------
    >>> chosen = Choice(sensors=("Cz", "Pz"), alpha=0.3)
    >>> chosen.with_weights_of(Choice(sensors=("Cz", "Pz"), alpha=0.1)).alpha
    0.1
    """

    sensors: tuple[str, ...]
    alpha: float | None = None
    lam: float | None = None
    q: float | None = None
    frequency: dict[str, float] | None = None
    way: str = ""
    tried: tuple[TriedWay, ...] = ()

    def with_weights_of(self, other: "Choice") -> "Choice":
        """Return this choice of sensors with the λ and q of another, if it has any."""
        if other.alpha is None:
            return self
        return msgspec.structs.replace(self, alpha=other.alpha, lam=other.lam, q=other.q)


def choice_of(estimator: FlashEstimator, fitted: Any, names: tuple[str, ...]) -> Choice:
    """Return what a fitted estimator chose among sensors of these names.

    Parameters
    ----------
    estimator : FlashEstimator
        Says which of its attributes is λ.
    fitted : estimator
        Fitted on all sensors.
    names : tuple of str
        The sensors, as the recording spells them.

    Returns
    -------
    choice : Choice
        In the recording's order.

    See Also
    --------
    choose_sensors : Choose a given number of sensors.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from calibration.p300.estimators import estimator_of
    >>> choice_of(estimator_of("lda"), SimpleNamespace(sensors_=[0, 2]), ("Cz", "Pz", "Oz")).sensors
    ('Cz', 'Oz')
    """
    sensors = tuple(names[sensor] for sensor in fitted.sensors_)
    return Choice(sensors=sensors, **estimator.regularisation(fitted))


def choose_sensors(
    estimator: FlashEstimator,
    epochs: EpochSet,
    folds: list[Fold],
    prices: NDArray[np.float64] | None,
    number: SensorNumber,
    resamples: int,
) -> Choice:
    """Return the sensors that the best way chooses, in the recording's order.

    The ways are compared on letters held out within the epochs. With prices, and with other
    subjects, there is only the path.

    Parameters
    ----------
    estimator : FlashEstimator
        Sensors are ranked along the path of its ``ranking_model``.
    epochs : EpochSet
        Without artefacts.
    folds : list of Fold
        Within these epochs.
    prices : ndarray, shape (n_channels,), or None
        See `sensor_prices`.
    number : int or "auto"
        How many sensors.
    resamples : int
        How often to choose again on resampled letters.

    Returns
    -------
    choice : Choice
        If the path chose them, with λ where the last sensor entered; and how often each was chosen.

    Raises
    ------
    BciError
        If more sensors are requested than there are.

    See Also
    --------
    calibration.sparse.sensor_path.sensor_path : The path of "auto".
    calibration.p300.sensor_ways.compared_ways : What each way is worth.
    calibration.sparse.sensor_ranking.resampled_shares : How often each sensor is chosen.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.estimators import estimator_of
    >>> rng, y = np.random.default_rng(0), np.tile([True, False], 30)
    >>> X = rng.normal(size=(60, 3, 4)) + 2.0 * y[:, None, None] * np.array([0, 1, 0])[:, None]
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.repeat(np.arange(6), 10), run=np.zeros(60, dtype=int),
    ...     code=np.ones(60, dtype=int), time=np.arange(60.0), peak_to_peak=np.zeros((60, 3)),
    ...     rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz", "Oz"), sfreq=250.0),
    ... )
    >>> choose_sensors(estimator_of("gsvm-2"), epochs, [], None, 1, resamples=0).sensors
    ('Pz',)
    """
    # scikit-learn comes with them, and who takes every sensor needs none.
    from calibration.sparse.sensor_path import sensor_path
    from calibration.sparse.sensor_ranking import rank_sensors, resampled_shares

    names = epochs.preprocessing.ch_names
    if number != "auto" and number > len(names):
        raise BciError(
            f"--sensors {number}: only {len(names)} are recorded ({' '.join(names)}); "
            "ask for fewer, or leave --sensors out"
        )
    model = estimator.ranking_model(epochs.X, epochs.y, folds, prices)
    drawn = units(epochs)
    if number == "auto":
        path = sensor_path(model, epochs.X, epochs.y, folds, drawn)
        number, ranking = path.smallest_within_one_error(), path.ranking
    else:
        ranking = rank_sensors(model, epochs.X, epochs.y, number)
    first = ranking.sensors[:number]
    # If all sensors are requested, none is left out because its weights are zero.
    kept = np.arange(len(names)) if number == len(names) else np.sort(first)
    choice = Choice(
        sensors=tuple(names[sensor] for sensor in kept),
        alpha=float(ranking.alphas[first.size - 1]) if first.size else None,
        lam=float(ranking.lambdas[first.size - 1]) if first.size else None,
        q=model.q if model.penalty == "group" else None,
    )
    if number == len(names):
        return choice
    ways = ways_to_choose(names, number, model)
    judge = None if prices is not None else estimator.judge()
    tried = () if judge is None else compared_ways(ways, epochs, folds, judge)
    # At a tie the first, which is the path.
    best = max(tried, key=lambda way: way.auc[1], default=None)
    way = PATH if best is None else best.name
    if best is not None and way != PATH:
        choice = Choice(sensors=best.sensors)
    frequency = None
    if resamples and way != TEXTBOOK:
        shares = resampled_shares(ways[way], epochs.X, epochs.y, drawn, resamples)
        frequency = {names[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}
    return msgspec.structs.replace(choice, frequency=frequency, way=way, tried=tried)
