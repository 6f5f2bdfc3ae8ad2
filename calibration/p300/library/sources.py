"""Sessions of a library that help a new subject: own ones first."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, EpochSpec, FilterSpec
from bci_online.counted import counted
from bci_online.errors import BciError
from bci_online.sensor_names import sensor_place
from calibration.common_sensors import common_sensors
from calibration.p300.epochs import EpochSet
from calibration.p300.library.entry import Entry
from calibration.p300.library.folder import Library
from calibration.p300.library.made_entry import subject_of
from calibration.p300.pooling.lag_window import lag_window
from calibration.p300.pooling.recordings import Pooled
from calibration.p300.pooling.sources import PoolSource
from calibration.p300.recorded_epochs import RecordedEpochs

__all__ = ["MOST_SOURCES", "OTHERS", "as_source", "pooled_with_library", "usable"]

MOST_SOURCES = 8
"""Each of them makes training longer, and the next ones say little more."""

OTHERS = "session of another subject", "sessions of other subjects"

ASKED, SAME = 20, 0.05
"""About so many epochs are looked for in a session; there, they are this near, in their length."""

LEAST_SHARE = 0.75
"""A session costs the sensors that it lacks; one that lacks more of them is left out."""


def usable(
    named: Sequence[tuple[str, Entry]],
    subject: str,
    epoch: EpochSpec,
    band: FilterSpec,
    reference: str,
) -> tuple[list[tuple[str, Entry]], list[str]]:
    """Return the sessions with such epochs, the subject's own first, and why others are left out.

    Parameters
    ----------
    named : sequence of (str, Entry)
        Name and entry of each session.
    subject : str
        Code of the new subject; empty if it is not known.
    epoch : EpochSpec
        The latencies that are wanted.
    band : FilterSpec
        Its epochs cannot be filtered again.
    reference : {"recorded", "average"}
        As in `Preprocessing`.

    Returns
    -------
    sessions : list of (str, Entry)
        In the order of their names otherwise.
    notes : list of str
        One line for each that is left out.

    See Also
    --------
    pooled_with_library : Trains with them.

    Examples
    --------
    >>> usable([], "07", EpochSpec(), FilterSpec(), "recorded")
    ([], [])
    """
    found, notes = [], []
    for name, entry in named:
        own = entry.header.preprocessing
        if own.filter != band or own.reference != reference:
            made = f"{own.filter.l_freq:g}-{own.filter.h_freq:g} Hz, {own.reference} reference"
            notes.append(f"{name}: left out, its band or reference is another ({made})")
        elif not entry.covers(epoch.latencies):
            kept = entry.header.latencies
            kept_s = f"{kept[0]:.2f} to {kept[-1]:.2f} s"
            notes.append(f"{name}: left out, it holds latencies from {kept_s}")
        else:
            found.append((name, entry))
    return sorted(found, key=lambda one: not one[1].header.is_of(subject)), notes


def as_source(name: str, entry: Entry, epoch: EpochSpec, ch_names: Sequence[str]) -> PoolSource:
    """Return a session as a source of pooling.

    Parameters
    ----------
    name : str
        For messages.
    entry : Entry
        Its latencies cover `epoch`; beyond them, at the longest lags, the last value stays.
    epoch : EpochSpec
        The new subject's latencies.
    ch_names : sequence of str
        Sensors that the entry has, in the new subject's spelling.

    Returns
    -------
    source : PoolSource
        On these sensors.

    See Also
    --------
    calibration.p300.pooling.sources.pool_source : The same of a recording.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import Preprocessing
    >>> from calibration.p300.library.entry import EntryHeader
    >>> own = Preprocessing(ch_names=("CZ", "PZ"), sfreq=250.0, epoch=EpochSpec(tmax=1.0))
    >>> entry = Entry(
    ...     header=EntryHeader(preprocessing=own, consent=""),
    ...     epochs=np.zeros((2, 2, 21), dtype=np.float32), is_target=np.array([True, False]),
    ... )
    >>> as_source("a", entry, EpochSpec(), ("Pz",)).at(0.0).shape
    (2, 1, 16)
    """
    own = entry.header.preprocessing
    places = {sensor_place(one): at for at, one in enumerate(own.ch_names)}
    rows = [places[sensor_place(one)] for one in ch_names]
    latencies, per_step = lag_window(epoch)
    dense = entry.at(latencies)[:, rows]
    if own.reference == "average":
        # The filter is linear: the average of these sensors alone can be taken after it.
        dense = dense - dense.mean(axis=1, keepdims=True)
    return PoolSource(
        name=name,
        dense=dense,
        y=entry.is_target,
        ch_names=tuple(ch_names),
        per_step=per_step,
        n_times=epoch.latencies.size,
        step=epoch.step,
        average=own.reference == "average",
    )


def pooled_with_library(
    recorded: RecordedEpochs,
    config: Config,
    folder: Path,
    recordings: Sequence[Path],
    contents: Sequence[tuple[int, str]],
) -> tuple[Pooled, tuple[tuple[int, str], ...]]:
    """Bring sessions of a library beside a new subject's.

    Parameters
    ----------
    recorded : RecordedEpochs
        The new subject's.
    config : Config
        The new subject's.
    folder : Path
        The library.
    recordings : sequence of Path
        Their names say whose they are: if there are own sessions, these alone are taken.
    contents : sequence of (int, str)
        Size and SHA-256 of the new subject's recordings: none is learnt from twice.

    Returns
    -------
    pooled : Pooled
        On the sensors that all of them have.
    recordings : tuple of (int, str)
        Size and SHA-256 of what was learnt from in addition.

    Raises
    ------
    BciError
        If a file of the library is damaged, or no session fits.

    See Also
    --------
    calibration.p300.pooling.recordings.pooled_with : The same with recordings.

    Examples
    --------
    `calibration.p300.training.train` uses it; in a terminal, ``bci-calibrate train --library``.

    >>> pooled_with_library.__annotations__["folder"].__name__
    'Path'
    """
    own, subject = recorded.all().preprocessing, subject_of(recordings)
    named = list(Library(folder).entries())
    new = set(contents)
    there = [(name, one) for name, one in named if not new & set(one.header.recordings)]
    kept = dict(there)
    notes = [f"{name}: left out, it is this recording" for name, _ in named if name not in kept]
    sessions, left_out = usable(there, subject, config.epoch, config.filter, own.reference)
    notes += left_out
    sessions, too_small = _with_sensors(sessions, own.ch_names)
    sessions, same = _others(sessions, recorded.all())
    notes += too_small + same
    mine = [one for one in sessions if one[1].header.is_of(subject)]
    sessions = (mine or sessions)[:MOST_SOURCES]
    if not sessions:
        why = "; ".join(notes) or "it is empty"
        raise BciError(f"--library {folder}: no session helps this subject: {why}")
    caps = {name: entry.header.preprocessing.ch_names for name, entry in sessions}
    common, matched = common_sensors(own.ch_names, caps)
    found = counted(len(sessions), *(("own earlier session",) if mine else OTHERS))
    notes += [f"--library {folder}: {found}", *matched]
    sources = tuple(as_source(name, entry, config.epoch, common) for name, entry in sessions)
    used = tuple(one for _, entry in sessions for one in entry.header.recordings)
    return Pooled(recorded.on(common), sources, tuple(notes)), used


def _others(
    sessions: Sequence[tuple[str, Entry]], epochs: EpochSet
) -> tuple[list[tuple[str, Entry]], list[str]]:
    """Return the sessions that do not hold these epochs, and a line for each that does.

    A repaired or shortened copy is another file: folds would be learnt from what they hold out.
    """
    kept, notes, own = [], [], epochs.preprocessing
    asked = epochs.X[:: max(1, len(epochs) // ASKED)]
    for name, entry in sessions:
        there = entry.header.preprocessing.ch_names
        places = {sensor_place(one): at for at, one in enumerate(there)}
        rows = [row for row, one in enumerate(own.ch_names) if sensor_place(one) in places]
        columns = [places[sensor_place(own.ch_names[row])] for row in rows]
        held = entry.at(own.epoch.latencies)[:, columns]
        if np.median(_nearest(asked[:, rows], held)) < SAME:
            notes.append(f"{name}: left out, it holds these flashes, from another file")
        else:
            kept.append((name, entry))
    return kept, notes


def _nearest(epochs: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each epoch is from the nearest of the others, in its own length."""
    one, two = (X.reshape(len(X), -1) for X in (epochs, others))
    squares = (one**2).sum(axis=1)
    nearest = ((two**2).sum(axis=1) - 2 * one @ two.T).min(axis=1) + squares
    return np.asarray(np.sqrt(np.maximum(nearest, 0) / np.maximum(squares, 1e-12)))


def _with_sensors(
    sessions: Sequence[tuple[str, Entry]], ch_names: Sequence[str]
) -> tuple[list[tuple[str, Entry]], list[str]]:
    """Return the sessions that together cost few sensors, and why others are left out."""
    common, kept, notes = {sensor_place(name) for name in ch_names}, [], []
    for name, entry in sessions:
        shared = common & {sensor_place(one) for one in entry.header.preprocessing.ch_names}
        if len(shared) >= LEAST_SHARE * len(ch_names):
            common = shared
            kept.append((name, entry))
        else:
            has = f"{len(shared)} of {len(ch_names)} sensors would be left"
            notes.append(f"{name}: left out, with it {has}")
    return kept, notes
