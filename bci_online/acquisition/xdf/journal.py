"""The journal that our own session wrote, so that its replay follows the live run."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from bci_online.acquisition.xdf.chunks import Contents
from bci_online.messages import CARRIED, EEG, Journal, Marker
from bci_online.session_names import session_of

__all__ = ["RecordedJournal", "follow", "journal_stream"]


class RecordedJournal(msgspec.Struct, frozen=True):
    """The facts that a live run used.

    Parameters
    ----------
    onsets : dict of (str, float) to float
        For a marker (text, raw time) the raw stamp of its onset sample.
    offsets : dict of str to (list of float, list of float)
        For a stream the times and values of the clock offsets of its stamps.
    refused : set of (str, float)
        Markers (text, raw time) that the live run did not obey.
    end : float or None
        Raw stamp of the last sample; None in recordings from before this was written.
    carried : str
        What the live run had taken over from earlier runs; empty for nothing.

    See Also
    --------
    follow : Reads it.

    Examples
    --------
    >>> journal = RecordedJournal({("flash/1", 5.0): 5.004}, {}, set())
    >>> journal.placed(Marker("flash/1", 5.0)).onset_stamp
    5.004
    """

    onsets: dict[tuple[str, float], float]
    offsets: dict[str, tuple[list[float], list[float]]]
    refused: set[tuple[str, float]]
    end: float | None = None
    carried: str = ""

    def placed(self, marker: Marker) -> Marker | None:
        """Return `marker` with its live onset, if it had one; None if it was refused."""
        if (marker.text, marker.time) in self.refused:
            return None
        stamp = self.onsets.get((marker.text, marker.time))
        return marker if stamp is None else msgspec.structs.replace(marker, onset_stamp=stamp)


def journal_stream(contents: Contents) -> int | None:
    """Return the stream with the journal of our own session, if the file has one.

    Parameters
    ----------
    contents : Contents
        Of a file.

    Returns
    -------
    stream : int or None
        Its id.

    See Also
    --------
    follow : Reads it.

    Examples
    --------
    >>> journal_stream(Contents()) is None
    True
    """
    for id_, header in contents.headers.items():
        ours = session_of(header.source_id, "journal") is not None
        is_text = header.type == "Journal" and header.format == "string"
        if ours and is_text and contents.n_samples.get(id_):
            return id_
    return None


def follow(
    loaded: dict[int, dict[str, Any]], keys: Mapping[str, int], journal: int | None
) -> RecordedJournal | None:
    """Replace the offsets of loaded streams by those of the live run; return its journal.

    Samples after the last one of the live run are left out: the recorder ends after the engine.

    Parameters
    ----------
    loaded : dict
        Streams by id, as pyxdf returns them; changed in place.
    keys : mapping of str to int
        Id of each stream, by its key in messages.
    journal : int or None
        Id of the journal.

    Returns
    -------
    journal : RecordedJournal or None
        None if there is none.

    See Also
    --------
    journal_stream : Finds the journal.

    Examples
    --------
    >>> follow({}, {}, None) is None  # a foreign recording has none
    True
    """
    if journal is None:
        return None
    written = _read(loaded[journal]["time_series"])
    for key, id_ in keys.items():
        if key in written.offsets:
            loaded[id_]["clock_times"], loaded[id_]["clock_values"] = written.offsets[key]
    eeg = loaded[keys[EEG]]
    if written.end is not None and len(eeg["time_stamps"]):
        # The nearest: a file may hold a stamp that follows from the one before. One that is damaged
        # is not near.
        distances = eeg["time_stamps"] - written.end
        np.nan_to_num(np.abs(distances, out=distances), copy=False, nan=np.inf)
        eeg["time_stamps"] = eeg["time_stamps"][: 1 + int(np.argmin(distances))]
    return written


def _read(series: list[list[str]]) -> RecordedJournal:
    """Read a journal; other lines are skipped, because any program may have written the file."""
    journal, end, carried = RecordedJournal({}, {}, set()), None, ""
    for row in series:
        for line in row:
            try:
                entry = msgspec.json.decode(line, type=Journal)
            except (msgspec.MsgspecError, RecursionError):
                continue
            if not (math.isfinite(entry.time) and math.isfinite(entry.value)):
                continue
            if entry.kind == "onset":
                journal.onsets[entry.text, entry.time] = entry.value
            elif entry.kind == "refused":
                journal.refused.add((entry.text, entry.time))
            elif entry.kind == "offset":
                times, values = journal.offsets.setdefault(entry.text, ([], []))
                times.append(entry.time)
                values.append(entry.value)
            elif entry.kind == CARRIED:
                carried = entry.text
            elif entry.kind == "end":
                end = entry.value
    return msgspec.structs.replace(journal, end=end, carried=carried)
