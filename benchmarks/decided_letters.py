"""Letters decided from epochs that are there already, by the code that decides them online."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, Evidence, Stopping
from bci_online.decoding.linear import linear_scores
from bci_online.markers import Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Decision, Marker, Message, Score
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.preprocessing.artefacts import artefacts
from calibration.p300.epochs import EpochSet
from calibration.p300.fitting import FittedDecoder


def scores_of(fitted: FittedDecoder, epochs: EpochSet) -> NDArray[np.float64]:
    """Return the score of each epoch (n_epochs,); NaN for artefacts."""
    scores = linear_scores(epochs.X, fitted.coef, fitted.center, fitted.scale, fitted.intercept)
    scores[artefacts(epochs.peak_to_peak, fitted.limits)] = np.nan
    return scores


def decided(
    scores: NDArray[np.float64],
    epochs: EpochSet,
    evidence: Evidence,
    config: Config,
    repetitions: int = 0,
) -> list[Decision]:
    """Let the speller decide letters from their scored flashes, as the online chain would.

    Parameters
    ----------
    scores : ndarray, shape (n_epochs,)
        See `scores_of`.
    epochs : EpochSet
        Whose letters they are.
    evidence : Evidence
        Of the decoder.
    config : Config
        Layout, repetitions, latencies.
    repetitions : int
        Decide after so many; 0: as soon as the evidence is enough.
    """
    stopping = config.stopping
    if repetitions:
        stopping = Stopping(min_repetitions=1, max_repetitions=repetitions)
    symbols, tmax = config.layout.symbols_of_code, config.epoch.tmax
    speller = P300Speller(symbols, evidence, stopping, tmax, dynamic=not repetitions)
    messages: list[Message] = []
    for number in np.unique(epochs.letter[epochs.letter >= 0]):
        messages += _letter(speller, epochs, int(number), scores)
    return [message for message in messages if isinstance(message, Decision)]


def _letter(
    speller: P300Speller, epochs: EpochSet, number: int, scores: NDArray[np.float64]
) -> Iterable[Message]:
    rows, letter = np.flatnonzero(epochs.letter == number), epochs.letters[number]
    first, last = epochs.time[rows[[0, -1]]].tolist()
    yield from speller.push(Layout(letter.symbols_of_code), first, None)
    yield from speller.push(TrialStart(number + 1, letter.truth), first, None)
    for row in rows:
        flash, time = Flash(int(epochs.code[row])), float(epochs.time[row])
        marker = Marker(flash.text(), time)
        score = Score(marker, time, np.array([0.0, scores[row]]), int(row))
        yield from speller.push(flash, time, None if np.isnan(scores[row]) else score)
    yield from speller.push(TrialEnd(number + 1), last, None)
