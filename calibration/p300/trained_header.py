"""What a training on flashes writes into the header of a decoder file."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from bci_online.config import Config, DecoderHeader, DecoderMetrics, Expected, kept
from calibration.p300.answer_evidence import surely_known
from calibration.p300.evaluation import Outcome
from calibration.p300.expectations import evidence_without, expected_spelling, parts_of
from calibration.p300.fitted import Fitted
from calibration.p300.promise import promise_of
from calibration.p300.sensor_choice import Choice
from calibration.recordings import versions_of
from calibration.training_request import TrainingRequest
from calibration.worker_processes import shared_out
from calibration.workers import Workers

__all__ = ["expectations_begun", "header_of", "metrics_of"]


@contextmanager
def expectations_begun(
    workers: Workers, config: Config, fitted: Fitted
) -> Iterator[Callable[[], tuple[Expected, ...]]]:
    """Begin to compute what a decoder file says of spelling, in other processes if there are any.

    Parameters
    ----------
    workers : Workers
        The processes.
    config : Config
        Its stopping rule and times of presentation.
    fitted : Fitted
        The decoder.

    Yields
    ------
    expected : callable
        Returns what `calibration.p300.expectations.expected_spelling` returns.

    See Also
    --------
    header_of : Takes it.

    Examples
    --------
    `calibration.p300.training.train` uses it, and has an example.

    >>> expectations_begun.__name__
    'expectations_begun'
    """
    letters, processes = fitted.letters, workers.n + 1
    spelling = config.stopping, config.presentation, fitted.preprocessing.epoch.tmax
    shared = letters, config.stopping
    begun = shared_out(evidence_without, shared, parts_of(letters), processes, begun=workers)
    with begun as evidences:
        yield lambda: expected_spelling(letters, *spelling, evidences)


def header_of(
    request: TrainingRequest,
    fitted: Fitted,
    is_target: NDArray[np.bool_],
    expected: Callable[[], tuple[Expected, ...]],
) -> DecoderHeader:
    """Return what the decoder file says about the decoder itself and about its configuration.

    Parameters
    ----------
    request : TrainingRequest
        Its configuration is kept.
    fitted : Fitted
        The decoder.
    is_target : ndarray of bool, shape (n_epochs,)
        The labels that it was fitted on.
    expected : callable
        Of `expectations_begun`; it is asked last, because other processes are still at it.

    Returns
    -------
    header : DecoderHeader
        Without the figures of held-out data. Scores of error potentials are worth what is sure.

    See Also
    --------
    metrics_of : Those figures.

    Examples
    --------
    `calibration.p300.training.train` uses it, and has an example.

    >>> header_of.__annotations__["return"].__name__
    'DecoderHeader'
    """
    config, evidence = request.config, fitted.evidence
    if config.epoch.after == "feedback":
        evidence = surely_known(evidence, is_target)
    spelling = config.stopping, config.presentation, fitted.preprocessing.epoch.tmax
    return DecoderHeader(
        method=request.method,
        kind=fitted.kind,
        network=fitted.network,
        preprocessing=fitted.preprocessing,
        evidence=evidence,
        promise=promise_of(fitted.letters, fitted.evidence, *spelling),
        expected=expected(),
        versions=versions_of(fitted.kind),
        learning=fitted.learning,
        tried=fitted.tried,
        **kept(config, DecoderHeader),
    )


def metrics_of(recorded: int, choice: Choice, outcome: Outcome | None) -> DecoderMetrics:
    """Return the figures that a decoder file holds.

    Parameters
    ----------
    recorded : int
        Number of recorded sensors.
    choice : Choice
        The chosen ones.
    outcome : Outcome or None
        Figures of held-out data, if there are any.

    Returns
    -------
    metrics : DecoderMetrics
        Unset where there is no such figure.

    See Also
    --------
    header_of : The rest of the header.

    Examples
    --------
    >>> metrics = metrics_of(8, Choice(sensors=("Cz", "Pz")), None)
    >>> metrics.recorded, metrics.sensors
    (8, 2)
    """
    # JSON has no infinity.
    q = "inf" if choice.q == math.inf else choice.q
    chosen = DecoderMetrics(
        recorded=recorded,
        sensors=len(choice.sensors),
        alpha=UNSET if choice.alpha is None else choice.alpha,
        lam=UNSET if choice.lam is None else choice.lam,
        q=UNSET if q is None else q,
    )
    if outcome is None:
        return chosen
    low, high = outcome.auc_ci
    return msgspec.structs.replace(
        chosen,
        auc=outcome.auc,
        auc_low=None if math.isnan(low) else low,
        auc_high=None if math.isnan(high) else high,
        letters_right=outcome.letters_right,
        letters=outcome.letters,
        split=outcome.split,
    )
