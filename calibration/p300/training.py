"""`bci-calibrate train`: from recordings to a decoder file, with honest figures."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, DecoderHeader, kept
from bci_online.decoding.decoder_file import write_decoder
from calibration.network_methods import NetworkMethod
from calibration.p300.evaluation import Outcome, evaluate
from calibration.p300.expectations import expected_spelling
from calibration.p300.fitting import Fitted, Number, fit_decoder
from calibration.p300.pooled_recordings import Pool, Pooled, pooled_with
from calibration.p300.sensor_figure import measured_paths
from calibration.recordings import contents_of, epochs_of, versions_of
from calibration.sparse.sensor_path import SensorPath

__all__ = ["Trained", "train"]

RESAMPLES = 20


Metrics = dict[str, float | int | str | None]


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """What a training comes to."""

    outcome: Outcome | None
    n_epochs: int
    n_targets: int
    fitted: Fitted
    rejected: dict[str, int]
    gaps: int
    lost_samples: int
    untranslated: dict[str, int]
    unknown_codes: int
    notes: tuple[str, ...]
    sensor_paths: dict[str, SensorPath]
    seconds: float


def train(
    paths: Sequence[Path],
    method: str | NetworkMethod,
    config: Config,
    output: Path,
    *,
    trials: frozenset[int] = frozenset(),
    refit: bool = True,
    sensors: Number | None = None,
    preferred: tuple[str, ...] = (),
    pools: Sequence[Pool] = (),
    evaluation: bool = True,
    with_paths: bool = False,
    opened: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Trained:
    """Train a decoder on recordings and write it.

    Parameters
    ----------
    paths : sequence of Path
        Recordings of one subject, oldest first.
    method : str or NetworkMethod
        One of `calibration.p300.fitting.METHODS`, or a network.
    config : Config
        What an epoch is, and the layout.
    output : Path
        The decoder file.
    trials, refit, sensors, preferred
        As for `epochs_of` and `fit_decoder`.
    pools : sequence of Pool
        Recordings of other subjects or sessions to learn with, on the sensors common to all.
    evaluation : bool
        False writes the decoder without figures from held-out data.
    with_paths : bool
        Measure AUC against the number of sensors as well.
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
    # Also of the pooled ones: a recording in both would be trained on while it is held out.
    contents = contents_of([*paths, *(path for pool in pools for path in pool.paths)])
    pooled = pooled_with(pick, config, pools, opened) if pools else Pooled(pick)
    pick = pooled.pick
    epochs = pick(())
    outcome = None
    if evaluation:
        outcome = evaluate(
            pick,
            method,
            config,
            refit,
            progress,
            sensors=sensors,
            preferred=preferred,
            sources=pooled.sources,
        )
    rows = np.arange(len(epochs))
    fitted = fit_decoder(
        pick,
        rows,
        method,
        config,
        refit,
        sensors=sensors,
        preferred=preferred,
        resamples=RESAMPLES,
        sources=pooled.sources,
    )
    header = DecoderHeader(
        method=_told(method, refit, bool(pools)),
        kind=fitted.kind,
        network=fitted.network,
        preprocessing=fitted.preprocessing,
        evidence=fitted.evidence,
        expected=expected_spelling(
            fitted.letters,
            config.stopping,
            config.presentation,
            fitted.preprocessing.epoch.tmax,
        ),
        trained_on=contents,
        metrics={"recorded": len(epochs.preprocessing.ch_names)}
        | _choice(fitted)
        | ({} if outcome is None else _metrics(outcome)),
        versions=versions_of(fitted.kind),
        held_out=None if outcome is None else outcome.held_out,
        learning=fitted.learning,
        **kept(config, DecoderHeader),
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
        notes=(*epochs.notes, *pooled.notes, *fitted.notes),
        sensor_paths=measured_paths(epochs, config, preferred) if with_paths else {},
        seconds=time.perf_counter() - started,
    )


def _told(method: str | NetworkMethod, refit: bool, pooled: bool) -> str:
    if not isinstance(method, str):
        return method.name
    if pooled:
        return f"{method} (pooled)"
    return method if refit or method in {"lda", "svm"} else f"{method} (no refit)"


def _choice(fitted: Fitted) -> Metrics:
    choice = fitted.choice
    # JSON has no infinity.
    q = "inf" if choice.q == math.inf else choice.q
    found = {"sensors": len(choice.sensors), "alpha": choice.alpha, "lambda": choice.lam, "q": q}
    return {name: value for name, value in found.items() if value is not None}


def _metrics(outcome: Outcome) -> Metrics:
    low, high = outcome.auc_ci
    return {
        "auc": outcome.auc,
        "auc_low": None if math.isnan(low) else low,
        "auc_high": None if math.isnan(high) else high,
        "letters_right": outcome.letters_right,
        "letters": outcome.letters,
        "split": outcome.split,
    }
