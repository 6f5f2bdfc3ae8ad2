"""What a library says of the response, before a new subject has spelled anything."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import DecoderHeader, FilterSpec, Preprocessing
from bci_online.counted import counted
from bci_online.decoding.uncalibrated import LAGS, UncalibratedDecoder
from bci_online.errors import RecordingError
from bci_online.paradigms.p300.whitening import scaled_epochs
from bci_online.runtime.no_calibration import EPOCH
from bci_online.sensor_names import sensor_place
from calibration.common_sensors import FEWEST_SENSORS
from calibration.p300.library.entry import Entry
from calibration.p300.library.sources import MOST_SOURCES, OTHERS, as_source, usable
from calibration.p300.pooling.lag import estimate_lag

__all__ = ["start_of"]

Array = NDArray[np.float64]

OWN = "earlier session of this subject", "earlier sessions of this subject"

WIDE = EPOCH.latencies[0] + EPOCH.step * np.arange(-LAGS, EPOCH.latencies.size + LAGS)
"""Latencies of the response: at each lag an epoch can be taken from it."""


def start_of(
    named: Sequence[tuple[str, Entry]], subject: str
) -> tuple[UncalibratedDecoder, tuple[str, ...]]:
    """Return the mean response that a library shows, as spelling without calibration takes it.

    Parameters
    ----------
    named : sequence of (str, Entry)
        Name and entry of each session.
    subject : str
        Code of the subject: own sessions alone are taken if there are any.

    Returns
    -------
    start : UncalibratedDecoder
        On the sensors of all sessions, with the array ``response``.
    notes : tuple of str
        What the user should know, one line each.

    Raises
    ------
    RecordingError
        If no session can be used.

    See Also
    --------
    bci_online.paradigms.p300.earlier_response.EarlierResponse : Believes it as far as it fits.

    Notes
    -----
    One session is the measure: another one joins it if it separates that one's targets, at the lag
    at which it does, as in pooling. It is the first one that more than half of the sessions join:
    a session without a response is joined by none. A session whose own second half its first half
    does not tell is left out, too. How far the new subject responds alike is found out while
    spelling, without labels.

    Examples
    --------
    >>> start_of([], "07")
    Traceback (most recent call last):
    ...
    bci_online.errors.RecordingError: no session of the library can be used: it is empty
    """
    sessions, notes = usable(named, subject, EPOCH, FilterSpec(), "recorded")
    silent = [name for name, entry in sessions if not _has_response(name, entry)]
    notes += [f"{name}: left out, it shows no response to its own targets" for name in silent]
    sessions = [one for one in sessions if one[0] not in silent]
    if not sessions:
        why = "; ".join(notes) or "it is empty"
        raise RecordingError(f"no session of the library can be used: {why}")
    own = [one for one in sessions if one[1].header.is_of(subject)]
    measure, lags = _measured(own or sessions)
    sums: dict[str, Array] = {}
    weights: dict[str, float] = {}
    spelled: dict[str, str] = {}
    taken: list[Entry] = []
    for (name, entry), lag in zip(own or sessions, lags, strict=True):
        if lag is None:
            notes.append(f"{name}: left out, it does not separate the targets of {measure[0]}")
            continue
        taken.append(entry)
        # Its response comes that much later: at that much later latencies it is the first one's.
        contrast = _contrast(entry, WIDE + lag)
        for channel, row in zip(entry.header.preprocessing.ch_names, contrast, strict=True):
            place = sensor_place(channel)
            spelled.setdefault(place, channel)
            n = float(entry.is_target.sum())
            sums[place] = sums.get(place, 0.0) + n * row
            weights[place] = weights.get(place, 0.0) + n
    one, many = OWN if own else OTHERS
    fit = "it fits" if len(taken) == 1 else "they fit"
    notes.append(f"starts from {counted(len(taken), one, many)}, as far as {fit}")
    made = measure[1].header.preprocessing
    header = DecoderHeader(
        method="none",
        kind="uncalibrated",
        preprocessing=Preprocessing(
            ch_names=tuple(spelled.values()), sfreq=made.sfreq, unit=made.unit, epoch=EPOCH
        ),
        trained_on=tuple(one for entry in taken for one in entry.header.recordings),
    )
    response = np.stack([sums[place] / weights[place] for place in spelled])
    return UncalibratedDecoder(header, {"response": response}), tuple(notes)


def _measured(
    sessions: Sequence[tuple[str, Entry]],
) -> tuple[tuple[str, Entry], list[float | None]]:
    """Return the session that is the measure, and the lag of each; None for those left out."""
    best: tuple[tuple[str, Entry], list[float | None]] | None = None
    most = 0
    for measure in sessions[:MOST_SOURCES]:
        lags = [_lag_to(measure[1], name, entry) for name, entry in sessions]
        n_joined = len(lags) - lags.count(None)
        if n_joined > most:
            best, most = (measure, lags), n_joined
        if 2 * n_joined > len(sessions):
            break
    assert best is not None  # each session joins itself
    return best


def _has_response(name: str, entry: Entry) -> bool:
    """Return whether a session's first half separates the targets of its second half."""
    halves = np.array_split(np.arange(len(entry.is_target)), 2)
    if any(np.unique(entry.is_target[rows]).size < 2 for rows in halves):
        return False
    first, second = (
        msgspec.structs.replace(entry, epochs=entry.epochs[rows], is_target=entry.is_target[rows])
        for rows in halves
    )
    return _lag_to(second, name, first) is not None


def _lag_to(first: Entry, name: str, entry: Entry) -> float | None:
    """Return how much later a session's response comes than the first one's, in seconds.

    None where it does not separate the first one's targets.
    """
    if entry is first:
        return 0.0
    places = {sensor_place(one) for one in entry.header.preprocessing.ch_names}
    common = [one for one in first.header.preprocessing.ch_names if sensor_place(one) in places]
    if len(common) < FEWEST_SENSORS:
        return None
    target, source = (as_source(name, one, EPOCH, common) for one in (first, entry))
    lag = estimate_lag(source, target.at(0.0), target.y)
    return lag.seconds if lag.reads else None


def _contrast(entry: Entry, latencies: Array) -> Array:
    """Return the difference of mean epochs in median deviations; 0 where nothing was kept."""
    scaled = scaled_epochs(entry.at(latencies))
    contrast = scaled[entry.is_target].mean(axis=0) - scaled[~entry.is_target].mean(axis=0)
    kept = entry.header.latencies
    inside = (latencies > kept[0] - 1e-6) & (latencies < kept[-1] + 1e-6)
    return np.asarray(contrast * inside)
