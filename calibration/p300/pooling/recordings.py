"""Recordings of other subjects or sessions, opened and made comparable to a new subject's."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bci_online.config import Config, Preprocessing, preprocessing_for, read_config
from bci_online.errors import BciError
from bci_online.runtime.sources import recording
from bci_online.sensor_names import sensor_place
from calibration.p300.pooling.common_sensors import common_sensors
from calibration.p300.pooling.lag_window import lag_config
from calibration.p300.pooling.sources import PoolSource, pool_source
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.training_epochs import clean
from calibration.recordings import found_in

__all__ = ["Pool", "Pooled", "cap_of", "open_source", "parse_pool", "pooled_with"]


class Pool(msgspec.Struct, frozen=True, eq=False):
    """One source as the user names it: recordings of one subject and cap, and how to read them.

    Parameters
    ----------
    paths : tuple of Path
        XDF files of one subject and cap.
    config : Config
        How to read them.

    See Also
    --------
    parse_pool : Make one from what the user wrote.

    Examples
    --------
    >>> Pool((Path("run-01.xdf"), Path("run-02.xdf")), Config()).name
    'run-01.xdf and 1 more'
    """

    paths: tuple[Path, ...]
    config: Config

    @property
    def name(self) -> str:
        """Name in messages."""
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"{self.paths[0]}{more}"


class Pooled(msgspec.Struct, frozen=True, eq=False):
    """The epochs of a new subject and of its sources on common sensors, with notes on them.

    Parameters
    ----------
    recorded : RecordedEpochs
        The new subject's, on the sensors that all recordings have.
    sources : tuple of PoolSource
        The other subjects, on the same sensors.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    pooled_with : Returns one.
    """

    recorded: RecordedEpochs
    sources: tuple[PoolSource, ...] = ()
    notes: tuple[str, ...] = ()


def parse_pool(text: str, config: Config) -> Pool:
    """Read ``FILE[,FILE…][=CONFIG.toml]``: one source, by default with the new subject's `config`.

    A session's folder stands for its recordings, which are read with the session's configuration.

    Parameters
    ----------
    text : str
        As on the command line.
    config : Config
        The new subject's.

    Returns
    -------
    pool : Pool
        Its recordings are not opened yet.

    Raises
    ------
    BciError
        If it names no file, or its configuration cannot be read or is not for flashes.

    See Also
    --------
    pooled_with : Reads the recordings.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> parse_pool("nobody.xdf", Config())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --pool nobody.xdf: ... is not a file; give FILE[,FILE...]...
    """
    files, _, own = (text, "", "") if Path(text).exists() else text.partition("=")
    named = [Path(file) for file in (files.split(",") if own or "," in files else [files])]
    missing = [str(path) for path in named if not path.exists()]
    if missing:
        raise BciError(
            f"--pool {text}: {missing[0]!r} is not a file; give FILE[,FILE...][=CONFIG.toml], or a "
            "session's folder"
        )
    paths, recorded = found_in(named, Path(own) if own else None)
    theirs = config if recorded is None else read_config(recorded)
    if theirs.paradigm != "p300":
        raise BciError(f"--pool {text}: paradigm {theirs.paradigm!r} has no flashes to pool")
    return Pool(tuple(paths), theirs)


def pooled_with(
    recorded: RecordedEpochs,
    config: Config,
    pools: Sequence[Pool],
    opened: Callable[[str], None] = lambda _: None,
) -> Pooled:
    """Bring sources onto a new subject's sensors, filter and latencies.

    Parameters
    ----------
    recorded : RecordedEpochs
        The new subject's.
    config : Config
        The new subject's.
    pools : sequence of Pool
        At least one.
    opened : callable
        Called with the name of each recording.

    Returns
    -------
    pooled : Pooled
        On the sensors that all recordings have.

    Raises
    ------
    BciError
        If a source cannot be read, or the recordings share too few sensors.

    See Also
    --------
    parse_pool : Make a pool from what the user wrote.
    calibration.p300.pooling.common_sensors.common_sensors : The sensors.
    """
    own = recorded.all().preprocessing
    caps = [cap_of(pool) for pool in pools]
    named = {pool.name: cap.ch_names for pool, cap in zip(pools, caps, strict=True)}
    try:
        common, matched = common_sensors(own.ch_names, named)
        sources, notes = [], list(matched)
        for pool, cap in zip(pools, caps, strict=True):
            source, found = open_source(pool, cap, config, own, common, opened)
            sources.append(source)
            notes += found
    except BciError as error:
        raise type(error)(f"--pool: {error}") from None
    return Pooled(recorded.on(common), tuple(sources), tuple(notes))


def cap_of(pool: Pool) -> Preprocessing:
    """Return the preprocessing of a source's own stream.

    Parameters
    ----------
    pool : Pool
        Its first recording is opened.

    Returns
    -------
    cap : Preprocessing
        With the names of the sensors as the recording spells them.

    See Also
    --------
    pooled_with : Compares the caps.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> eeg = XdfStream("amp", "EEG", 250.0, np.arange(500) / 250, np.zeros((500, 2)), ("Cz", "Pz"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.xdf"
    ...     write_xdf(path, [eeg])
    ...     cap_of(Pool((path,), Config())).ch_names
    ('Cz', 'Pz')
    """
    first = recording(pool.paths[0], pool.config)
    first.open()
    cap = preprocessing_for(pool.config, first.spec)
    first.close()
    return cap


def open_source(
    pool: Pool,
    cap: Preprocessing,
    config: Config,
    own: Preprocessing,
    common: tuple[str, ...],
    opened: Callable[[str], None],
) -> tuple[PoolSource, list[str]]:
    """Return a source on the common sensors, and what the user should know about it.

    Parameters
    ----------
    pool : Pool
        Where the recordings are.
    cap : Preprocessing
        As `cap_of` returns it.
    config : Config
        The new subject's: filter, latencies, artefact limit.
    own : Preprocessing
        The new subject's.
    common : tuple of str
        The sensors to keep, in the new subject's spelling.
    opened : callable
        Called with the name of each recording.

    Returns
    -------
    source : PoolSource
        Without artefacts.
    notes : list of str
        What the user should know, one line each.

    See Also
    --------
    calibration.p300.pooling.sources.pool_source : Makes the source of epochs.
    """
    spelled = {sensor_place(name): name for name in cap.ch_names}
    theirs = tuple(spelled[sensor_place(name)] for name in common)
    wide = lag_config(pool.config, config, cap.sfreq, theirs)
    epochs = epochs_of(pool.paths, wide, opened=opened).all()
    kept, _ = clean(epochs, config.artefacts.k)
    source = pool_source(pool.name, kept, config.epoch, common)
    n_left_out = len(epochs) - len(kept) + sum(epochs.rejected.values())
    notes = [
        *epochs.notes,
        f"{pool.name}: {source.y.size} flashes pooled, {int(source.y.sum())} of them targets, "
        f"{n_left_out} left out; {cap.sfreq:g} Hz in {cap.unit}, the new subject's "
        f"{own.sfreq:g} Hz in {own.unit}: both are taken at the same {source.n_times} "
        "latencies, and each is scaled on its own",
    ]
    if cap.stream_reference != own.stream_reference:
        notes.append(
            f"{pool.name}: its reference is {cap.stream_reference or 'not stated'}, the new "
            f"subject's {own.stream_reference or 'not stated'}"
        )
    return source, notes
