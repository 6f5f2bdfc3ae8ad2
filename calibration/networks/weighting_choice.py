"""A weighting of losses by its name."""

from collections.abc import Sequence
from typing import Any

from calibration.networks.architecture import is_own
from calibration.networks.grad_approx import WARM_UP, GradApprox, windows
from calibration.networks.loss_weighting import (
    AdaMT,
    AlphaGrad,
    Fixed,
    LossWeighting,
    Scalarized,
)

__all__ = ["weighting_for", "weighting_of"]


def weighting_for(
    name: str,
    start: Sequence[float],
    *,
    step: float,
    n_points: tuple[int, int] = (1, 1),
    warm_up: int = 0,
    device: str = "cpu",
) -> LossWeighting:
    """Return a weighting; a single loss is not weighed.

    Parameters
    ----------
    name : str
        One of `calibration.method_names.WEIGHTINGS`.
    start : sequence of float
        The losses' weights at the start.
    step : float
        Of AlphaGrad.
    n_points, warm_up : (int, int), int
        Of `GradApprox`.
    device : str
        Where the losses are: weights that are learnt must be there as well.

    Returns
    -------
    weighting : LossWeighting
        `Fixed` if there is only one loss.

    See Also
    --------
    calibration.networks.objectives.objective_for : The losses.

    Examples
    --------
    >>> type(weighting_for("adamt", [1.0], step=0.1)).__name__
    'Fixed'
    """
    if name == "fixed" or len(start) == 1:
        return Fixed(start)
    if name == "alphagrad":
        return AlphaGrad(start, step)
    if name == "adamt":
        return AdaMT(start)
    if name == "gradapprox":
        return GradApprox(start, n_points, warm_up)
    return Scalarized(len(start), name, device)


def weighting_of(
    estimator: Any, start: Sequence[float], n_training: int, n_validation: int
) -> LossWeighting:
    """Return the weighting of an estimator's training.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its ``loss_weighting``, ``step``, ``network``, ``batch_size`` and ``device`` are used.
    start : sequence of float
        The losses' weights at the start.
    n_training, n_validation : int
        Epochs of a pass, and epochs held out.

    Returns
    -------
    weighting : LossWeighting
        See `weighting_for`.

    See Also
    --------
    calibration.networks.checked_inputs.starting_weights : The weights at the start.

    Examples
    --------
    >>> from calibration import NetworkClassifier
    >>> estimator = NetworkClassifier("fbmsnet", "alphagrad")
    >>> weighting_of(estimator, (1.0, 1.0), 80, 20).weights.tolist()
    [1.0, 1.0]
    """
    return weighting_for(
        estimator.loss_weighting,
        start,
        step=estimator.step,
        n_points=windows(n_training, n_validation, estimator.batch_size),
        # Of a network of one's own nothing is published.
        warm_up=max(WARM_UP.values()) if is_own(estimator.network) else WARM_UP[estimator.network],
        device=estimator.device,
    )
