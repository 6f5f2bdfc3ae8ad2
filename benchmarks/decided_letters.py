"""Letters decided from epochs that are there already, by the code that decides them online."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.source import Source
from bci_online.config import Config, Evidence, MarkerStream, Stopping
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.linear import linear_scores
from bci_online.markers import Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Decision, Epoch, Marker, Message, Score
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.preprocessing.artefacts import artefacts
from bci_online.runtime.assembly import online_chain
from calibration.p300.epochs import EpochSet
from calibration.p300.fitting import FittedDecoder


def scores_of(fitted: FittedDecoder, epochs: EpochSet) -> NDArray[np.float64]:
    """Return the score of each epoch (n_epochs,); NaN for artefacts."""
    scores = linear_scores(epochs.X, fitted.coef, fitted.center, fitted.scale, fitted.intercept)
    scores[artefacts(epochs.peak_to_peak, fitted.limits)] = np.nan
    return scores


class ScoredFlashes(NamedTuple):
    """One letter as a speller gets it: its start, its flashes with what was cut, its end."""

    layout: Layout
    start: TrialStart
    flashes: list[tuple[Flash, float, Score | Epoch | None]]


def scored_flashes(scores: NDArray[np.float64], epochs: EpochSet) -> list[ScoredFlashes]:
    """Return the letters of epochs (n_epochs,) that were scored; see `scores_of`."""
    letters = []
    for number in np.unique(epochs.letter[epochs.letter >= 0]).tolist():
        flashes: list[tuple[Flash, float, Score | Epoch | None]] = []
        for row in np.flatnonzero(epochs.letter == number).tolist():
            flash, time = Flash(int(epochs.code[row])), float(epochs.time[row])
            score = Score(Marker(flash.text(), time), time, np.array([0.0, scores[row]]), row)
            flashes.append((flash, time, None if np.isnan(scores[row]) else score))
        letter = epochs.letters[number]
        start = TrialStart(number + 1, letter.truth)
        letters.append(ScoredFlashes(Layout(letter.symbols_of_code), start, flashes))
    return letters


def decided(
    letters: Sequence[ScoredFlashes], evidence: Evidence, config: Config, repetitions: int = 0
) -> list[Decision]:
    """Let the speller decide letters from their scored flashes, as the online chain would.

    Parameters
    ----------
    letters : sequence of ScoredFlashes
        In order; after a decision the rest of a letter's flashes is not shown.
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
    return decided_by(speller, letters)


def decided_by(speller: P300Speller, letters: Sequence[ScoredFlashes]) -> list[Decision]:
    """Let a speller decide letters; after a decision the rest of a letter is not shown."""
    messages = [message for letter in letters for message in _letter(speller, letter)]
    return [message for message in messages if isinstance(message, Decision)]


def _letter(speller: P300Speller, letter: ScoredFlashes) -> Iterator[Message]:
    first = last = letter.flashes[0][1]
    yield from speller.push(letter.layout, first, None)
    yield from speller.push(letter.start, first, None)
    for flash, last, score in letter.flashes:
        if messages := speller.push(flash, last, score):
            yield from messages
            break
    yield from speller.push(TrialEnd(letter.start.number), last, None)


def replayed(
    source: Source, decoder: Decoder, markers: MarkerStream, repetitions: int = 0
) -> list[Decision]:
    """Return what the online chain decides of an opened recording.

    Parameters
    ----------
    source : Source
        Opened; it is read to its end.
    decoder : Decoder
        What decides.
    markers : MarkerStream
        How markers are read.
    repetitions : int
        Decide after so many; 0: as soon as the evidence is enough.
    """
    chain, _ = online_chain(decoder, source.spec, not repetitions, repetitions or None, markers)
    messages = [message for reading in iter(source.read, None) for message in chain.push(reading)]
    return [one for one in [*messages, *chain.finish()] if isinstance(one, Decision)]
