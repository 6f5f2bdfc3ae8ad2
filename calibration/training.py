"""`bci-calibrate train`: from recordings to a decoder file, with honest figures."""

import math
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, DecoderHeader
from bci_online.decoding.decoder_file import write_decoder
from calibration.evaluation.outer_loop import Outcome, evaluate
from calibration.fitting import FittedDecoder, fit_decoder
from calibration.recordings import contents_of, epochs_of

__all__ = ["Trained", "train"]

LIBRARIES = ("bci-online", "numpy", "scipy", "scikit-learn")


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What a training comes to."""

    outcome: Outcome | None
    n_epochs: int
    n_targets: int
    fitted: FittedDecoder
    rejected: dict[str, int]
    gaps: int
    lost_samples: int
    untranslated: dict[str, int]
    unknown_codes: int
    notes: tuple[str, ...]
    seconds: float


def train(
    paths: Sequence[Path],
    method: str,
    config: Config,
    output: Path,
    *,
    trials: frozenset[int] = frozenset(),
    refit: bool = True,
    evaluation: bool = True,
    opened: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Trained:
    """Train a decoder on recordings and write it.

    Parameters
    ----------
    paths : sequence of Path
        Recordings of one subject, oldest first.
    method : str
        One of `calibration.fitting.METHODS`.
    config : Config
        What an epoch is, and the layout.
    output : Path
        The decoder file.
    trials, refit
        As for `epochs_of` and `fit_decoder`.
    evaluation : bool
        False writes the decoder without figures from held-out data.
    opened : callable
        Told the name of each recording.
    progress : callable
        Told how many outer folds are done, and of how many.

    Raises
    ------
    BciError
        If a recording cannot be read or trained on; nothing is written then.
    """
    started = time.perf_counter()
    pick = epochs_of(paths, config, trials, opened)
    contents = contents_of(paths)
    epochs = pick(())
    outcome = evaluate(pick, method, config, refit, progress) if evaluation else None
    fitted = fit_decoder(pick, np.arange(len(epochs)), method, config, refit)
    header = DecoderHeader(
        method=method if refit or method in {"lda", "svm"} else f"{method} (no refit)",
        paradigm=config.paradigm,
        preprocessing=fitted.preprocessing,
        layout=config.layout,
        translate=config.markers.translate,
        presentation=config.presentation,
        stopping=config.stopping,
        evidence=fitted.evidence,
        trained_on=contents,
        metrics={} if outcome is None else _metrics(outcome),
        versions={name: version(name) for name in LIBRARIES},
    )
    write_decoder(output, header, fitted.arrays())
    return Trained(
        outcome=outcome,
        n_epochs=len(epochs),
        n_targets=int(epochs.y.sum()),
        fitted=fitted,
        rejected=epochs.rejected,
        gaps=epochs.gaps,
        lost_samples=epochs.lost_samples,
        untranslated=epochs.untranslated,
        unknown_codes=epochs.unknown_codes,
        notes=epochs.notes,
        seconds=time.perf_counter() - started,
    )


def _metrics(outcome: Outcome) -> dict[str, float | int | str | None]:
    low, high = outcome.auc_ci
    return {
        "auc": outcome.auc,
        "auc_low": None if math.isnan(low) else low,
        "auc_high": None if math.isnan(high) else high,
        "letters_right": outcome.letters_right,
        "letters": outcome.letters,
        "split": outcome.split,
    }
