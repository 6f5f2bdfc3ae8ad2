"""Recordings as calibration sees them: opened, checked, run through the chain once."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

from bci_online.config import Config, Preprocessing
from bci_online.errors import BciError, RecordingError
from bci_online.runtime.assembly import recording_content
from calibration.chain_runs import sources_of
from calibration.p300.epochs import NO_LETTER, EpochSet, labelled_epochs
from calibration.p300.fitting import Pick

__all__ = ["contents_of", "epochs_of", "found_in", "versions_of"]

LIBRARIES = ("bci-online", "numpy", "scipy", "scikit-learn")


def found_in(paths: Sequence[Path], config: Path | None) -> tuple[list[Path], Path | None]:
    """Put the recordings of session folders in the folders' places.

    Parameters
    ----------
    paths : sequence of Path
        XDF files, or folders of sessions.
    config : Path or None
        If not given, that of the first folder.

    Returns
    -------
    paths : list of Path
        XDF files.
    config : Path or None

    Raises
    ------
    RecordingError
        If a folder holds no recording.
    """
    found: list[Path] = []
    for path in paths:
        recordings = sorted(path.glob("*.xdf")) if path.is_dir() else [path]
        if not recordings:
            raise RecordingError(f"{path}: holds no recording (*.xdf); is it a session's folder?")
        found += recordings
        kept = path / "config.json"
        config = kept if config is None and kept.is_file() else config
    return found, config


def epochs_of(
    paths: Sequence[Path],
    config: Config,
    trials: frozenset[int] = frozenset(),
    progress: Callable[[str], None] = lambda _: None,
) -> Pick:
    """Run recordings through the online chain.

    Parameters
    ----------
    paths : sequence of Path
        XDF files of one subject and one amplifier, in the order they were recorded.
    config : Config
        Streams, markers, filter, latencies.
    trials : frozenset of int
        Only these letters, counted over all recordings from 1; empty means all.
    progress : callable
        Told the name of each recording.

    Returns
    -------
    pick : callable
        ``pick(())`` gives the epochs of all sensors, ``pick(ch_names)`` those of some, made as if
        only these had been recorded.
    """
    everything = _run(paths, config, None, progress)
    rows = _rows(everything, trials)
    everything = everything[rows]

    def pick(ch_names: tuple[str, ...]) -> EpochSet:
        own = everything.preprocessing
        if not ch_names or ch_names == own.ch_names:
            return everything
        preprocessing = msgspec.structs.replace(own, ch_names=ch_names)
        if own.reference == "recorded":
            kept = [own.ch_names.index(name) for name in ch_names]
            return msgspec.structs.replace(
                everything,
                X=everything.X[:, kept],
                peak_to_peak=everything.peak_to_peak[:, kept],
                preprocessing=preprocessing,
            )
        # An average reference is the average of these sensors: the signal itself changes.
        anew = _run(paths, config, preprocessing, lambda _: None)
        if len(anew) != rows.size:
            raise RecordingError(
                f"{', '.join(map(str, paths))}: losses differ between sensors, which an average "
                "reference cannot mend; set eeg.reference = 'recorded'"
            )
        return anew[rows]

    return pick


def _run(
    paths: Sequence[Path],
    config: Config,
    preprocessing: Preprocessing | None,
    progress: Callable[[str], None],
) -> EpochSet:
    return labelled_epochs(sources_of(paths, config), config, preprocessing, progress)


def _rows(epochs: EpochSet, trials: frozenset[int]) -> np.ndarray:
    """Return the epochs that take part: of the chosen letters, and in a letter if any is."""
    in_letter = epochs.letter != NO_LETTER
    kept = in_letter if in_letter.any() else np.ones(len(epochs), dtype=bool)
    if trials:
        beyond = sorted(trial for trial in trials if trial > len(epochs.letters))
        if beyond:
            raise BciError(f"--trials: {beyond[0]} is beyond the {len(epochs.letters)} recorded")
        kept = np.isin(epochs.letter, [trial - 1 for trial in trials])
    return np.flatnonzero(kept)


def contents_of(paths: Sequence[Path]) -> tuple[tuple[int, str], ...]:
    """Return size and SHA-256 of each recording.

    Raises
    ------
    RecordingError
        If two hold the same: then what is held out would be trained on.
    """
    seen: dict[tuple[int, str], Path] = {}
    for path in paths:
        content = recording_content(path)
        if content in seen:
            raise RecordingError(
                f"{path}: is the same recording as {seen[content]}; give each of them once"
            )
        seen[content] = path
    return tuple(seen)


def versions_of(kind: str) -> dict[str, str]:
    """Return the versions of the libraries that a decoder of this kind was trained with."""
    return {name: version(name) for name in (*LIBRARIES, *(["torch"] if kind == "network" else []))}
