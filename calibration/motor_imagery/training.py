"""From recordings of motor imagery to a decoder file, with honest figures."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, HeldOut
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import write_decoder
from bci_online.errors import BciError
from calibration.chain_runs import sources_of
from calibration.motor_imagery.evaluation import ImageryOutcome, evaluate_imagery
from calibration.motor_imagery.fitting import ImageryMethod, fit_imagery
from calibration.motor_imagery.windows import NO_CLASS, WindowSet, labelled_windows
from calibration.recordings import contents_of, versions_of

__all__ = ["TrainedImagery", "train_imagery", "windows_of"]


class TrainedImagery(msgspec.Struct, frozen=True, kw_only=True):
    """What a training comes to; ``trials`` counts those of each class."""

    outcome: ImageryOutcome | None
    decoder: Decoder
    trials: dict[str, int]
    n_windows: int
    rejected: dict[str, int]
    gaps: int
    lost_samples: int
    untranslated: dict[str, int]
    notes: tuple[str, ...]
    seconds: float


def windows_of(
    paths: Sequence[Path],
    config: Config,
    trials: frozenset[int] = frozenset(),
    opened: Callable[[str], None] = lambda _: None,
) -> WindowSet:
    """Run recordings through the online chain, and keep the windows of some cues.

    Parameters
    ----------
    paths, config
        As for `calibration.recordings.epochs_of`.
    trials : frozenset of int
        Only these cues, counted over all recordings from 1; empty means all.
    opened : callable
        Told the name of each recording.

    Raises
    ------
    BciError
        If a recording cannot be used, or has not that many cues.
    """
    windows = labelled_windows(sources_of(paths, config), config, progress=opened)
    if not trials:
        return windows
    cues = [number for number, trial in enumerate(windows.trials) if trial.cued]
    if max(trials) > len(cues):
        raise BciError(f"--trials: {max(trials)} is beyond the {len(cues)} recorded")
    chosen = np.array([cues[trial - 1] for trial in sorted(trials)])
    picked = windows[np.flatnonzero(np.isin(windows.trial, windows.with_rest(chosen)))]
    return msgspec.structs.replace(
        picked,
        lost=tuple(number for number in windows.lost if number in chosen),
        # Nobody said when the others ended: they share the time alike.
        seconds=windows.seconds * chosen.size / len(cues),
    )


def train_imagery(
    paths: Sequence[Path],
    method: ImageryMethod,
    config: Config,
    output: Path,
    *,
    trials: frozenset[int] = frozenset(),
    evaluation: bool = True,
    opened: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> TrainedImagery:
    """Train a decoder of imagery on recordings and write it.

    Parameters
    ----------
    paths, config, trials, opened
        As for `windows_of`.
    method : ImageryMethod
        Such as `CSP_LDA`.
    output : Path
        The decoder file.
    evaluation : bool
        False writes the decoder without figures from held-out data.
    progress : callable
        Told how many outer folds are done, and of how many.

    Raises
    ------
    BciError
        If a recording cannot be read or trained on; nothing is written then.
    """
    started = time.perf_counter()
    config, notes = method.configured(config)
    contents = contents_of(paths)
    windows = windows_of(paths, config, trials, opened)
    outcome = evaluate_imagery(windows, method, config, progress) if evaluation else None
    decoder = fit_imagery(windows, np.arange(len(windows)), method, config)
    header = msgspec.structs.replace(
        decoder.header,
        trained_on=contents,
        metrics={} if outcome is None else _metrics(outcome),
        versions=versions_of(decoder.header.kind),
        held_out=None if outcome is None else HeldOut(confusion=outcome.confusion),
    )
    write_decoder(output, header, dict(decoder.arrays))
    known = windows.y != NO_CLASS
    return TrainedImagery(
        outcome=outcome,
        decoder=decoder,
        trials={
            name: np.unique(windows.trial[windows.y == label]).size
            for label, name in enumerate(windows.classes)
        },
        n_windows=int(known.sum()),
        rejected=windows.rejected,
        gaps=windows.gaps,
        lost_samples=windows.lost_samples,
        untranslated=windows.untranslated,
        notes=(*notes, *windows.notes),
        seconds=time.perf_counter() - started,
    )


def _metrics(outcome: ImageryOutcome) -> dict[str, float | int | str | None]:
    return {
        "trials": outcome.trials,
        "right": outcome.right,
        "right_low": outcome.right_ci[0],
        "right_high": outcome.right_ci[1],
        "right_whole": outcome.right_whole,
        "decided": outcome.decided,
        "seconds": outcome.seconds,
        "bits_per_min": outcome.itr_bits_per_min,
        "false_per_min": outcome.false_per_min,
        "rest_min": outcome.rest_min,
        "split": outcome.split,
    }
