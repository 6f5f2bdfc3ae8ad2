"""A decoder from letters that were spelled without one; a worker fits it while spelling goes on."""

import base64
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_texts import LONGEST_MARKER
from bci_online.config import Config, DecoderHeader
from bci_online.decoding.decoder_content import decoder_content
from bci_online.errors import RecordingError
from bci_online.metrics import auc
from bci_online.notes.from_workers import FEWEST_LETTERS, Supervised
from bci_online.paradigms.p300.mean_differences import letter_sums
from bci_online.paradigms.p300.whitening import whitened
from calibration.blas_threads import one_blas_thread
from calibration.chain_runs import sources_of
from calibration.p300.epochs import EpochSet
from calibration.p300.fitting import LinearMethod
from calibration.p300.labelled_epochs import labelled_epochs
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.searched import Searched

__all__ = ["supervised_by", "unsupervised_scores"]

LEAST_AUC = 0.6
"""Letters that are all wrong stay below this AUC: their labels mean nothing."""

NEAR = 0.005
"""Labels may lower the AUC by this much: their gain is not the AUC, but what a score is worth.

With almost the same AUC most subjects of docs/supervised-letters.md need half of the repetitions.
"""

METHOD = "btlda"
"""The one with the fewest numbers to learn: there are few letters."""

ROOM = 512
"""Characters of a marker beside the decoder."""


def supervised_by(
    letters: Mapping[int, str], recording: Path, config: Config, header: DecoderHeader
) -> Supervised:
    """Return a decoder that was fitted on letters of a session, if it is good enough.

    Parameters
    ----------
    letters : mapping of int to str
        The symbol of each trial that counts as known, by the trial's number.
    recording : Path
        XDF file of the session; it may still grow.
    config : Config
        Of the session.
    header : DecoderHeader
        What the session began with: the decoder has the same epochs.

    Returns
    -------
    supervised : Supervised
        With the complete decoder.

    Raises
    ------
    RecordingError
        If the letters are too few or hold no clear response, or if labels make them worse
        than epochs alone do.

    See Also
    --------
    calibration.p300.training.train : Trains on recordings.
    unsupervised_scores : What it is compared with.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> supervised_by({1: "A"}, Path("run.xdf"), Config(), header)
    Traceback (most recent call last):
    ...
    bci_online.errors.RecordingError: 1 letter, of at least 4
    """
    if len(letters) < FEWEST_LETTERS:
        raise RecordingError(
            f"{len(letters)} letter{'s' * (len(letters) != 1)}, of at least {FEWEST_LETTERS}"
        )
    own = header.preprocessing
    epochs = labelled_epochs(sources_of([recording], config), config, own, decided=letters)
    with one_blas_thread():
        recorded = RecordedEpochs(epochs, cut_again=lambda preprocessing: epochs)
        found = LinearMethod(name=METHOD).search(recorded, np.arange(len(epochs)), config)
        area, before = _areas(found)
        if area < LEAST_AUC:
            raise RecordingError(f"the letters hold no clear response: AUC {area:.3f}")
        if area < before - NEAR:
            raise RecordingError(f"labels make it worse: AUC {area:.3f}, without {before:.3f}")
        return Supervised(len(letters), area, before, _packed(found, config, header))


def unsupervised_scores(epochs: EpochSet) -> NDArray[np.float64]:
    """Return the score of each epoch by the difference that the other letters show.

    Parameters
    ----------
    epochs : EpochSet
        Of letters; their symbols are used of the other letters alone.

    Returns
    -------
    scores : ndarray, shape (n_epochs,)
        Along the sum of the other letters' differences, as a letter is read without calibration.

    See Also
    --------
    bci_online.paradigms.p300.mean_differences : How letters are read so.

    Examples
    --------
    >>> y = np.arange(60) % 3 == 0
    >>> X = np.random.default_rng(0).normal(size=(60, 2, 4)) + 2.0 * y[:, np.newaxis, np.newaxis]
    >>> from bci_online.config import Preprocessing
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.arange(60) // 20, run=np.zeros(60, dtype=int), rejected={},
    ...     code=np.arange(60) % 3, time=np.arange(60.0), peak_to_peak=np.ones((60, 2)),
    ...     letters=(), preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> auc(y, unsupervised_scores(epochs)) > 0.9
    True
    """
    features = whitened(epochs.X)
    rows = [epochs.letter == letter for letter in np.unique(epochs.letter)]
    sums = [
        letter_sums(features[own], epochs.y[np.newaxis, own].astype(float)).sums[0] for own in rows
    ]
    scores = np.zeros(len(epochs))
    for own, difference in zip(rows, sums, strict=True):
        others = np.sum(sums, axis=0) - difference
        length = float(np.linalg.norm(others)) or 1.0
        scores[own] = (features[own] - features[own].mean(axis=0)) @ (others / length)
    return scores


def _areas(found: Searched) -> tuple[float, float]:
    """Return the AUC of the same flashes, in held-out letters, with labels and without."""
    seen = np.isfinite(found.held_out)
    y = found.epochs.y[seen]
    return auc(y, found.held_out[seen]), auc(y, unsupervised_scores(found.epochs)[seen])


def _packed(found: Searched, config: Config, header: DecoderHeader) -> str:
    """Return the decoder in base64, without what spares sensors if that has no room."""
    fitted = found.fitted(config)
    header = msgspec.structs.replace(
        header,
        method=METHOD,
        kind="linear",
        evidence=fitted.evidence,
        stopping=config.stopping,
    )
    arrays = fitted.arrays()
    for unneeded in ("", "correlation", "band_rms", "lags", "class_means"):
        arrays.pop(unneeded, None)
        text = base64.b64encode(decoder_content("the fitted decoder", header, arrays)).decode()
        if len(text) <= LONGEST_MARKER - ROOM:
            return text
    raise RecordingError(f"a decoder of {len(text)} characters has no room in a marker")
