"""The tables beside a recording in a BIDS data set, and the recordings of such a data set.

Names and columns are those of https://bids-specification.readthedocs.io (EEG, task events).
"""

import csv
import math
from pathlib import Path

from bci_online.acquisition.file_names import KNOWN, suffix_of
from bci_online.acquisition.other_formats.converted import Channel, Converted
from bci_online.acquisition.stream_texts import LONGEST_MARKER, clean, printable
from bci_online.errors import RecordingError

__all__ = ["apply_channels", "bids_recordings", "events_beside"]

# A table of events beyond this is none.
MOST_BYTES = 1 << 26
NOT_AVAILABLE = ("n/a", "")
TYPES = {"TRIG": "STIM", "VEOG": "EOG", "HEOG": "EOG"}


def events_beside(path: Path) -> list[tuple[float, str]] | None:
    r"""Return the events of the table ``_events.tsv`` beside a recording; None without one.

    Parameters
    ----------
    path : Path
        The recording, ``…_eeg.…``.

    Returns
    -------
    events : list of (float, str) or None
        Seconds from the first sample; the ``trial_type``, else the ``value``.

    Raises
    ------
    RecordingError
        If the table has no onsets.

    See Also
    --------
    bids_recordings : The recordings of a data set.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = Path(folder) / "sub-01_task-p300_events.tsv"
    ...     _ = table.write_text("onset\tduration\ttrial_type\n1.5\tn/a\tflash/3/target\n")
    ...     events_beside(Path(folder) / "sub-01_task-p300_eeg.vhdr")
    [(1.5, 'flash/3/target')]
    """
    rows = _table(path, "events")
    if rows is None:
        return None
    events = []
    for row in rows:
        if "onset" not in row:
            raise RecordingError(f"{_beside(path, 'events').name} has no column 'onset'")
        texts = [row.get(column) or "" for column in ("trial_type", "value")]
        text = next((text for text in texts if text not in NOT_AVAILABLE), "")
        try:
            onset = float(row["onset"] or "")
        except ValueError:
            continue
        if text and math.isfinite(onset):
            events.append((onset, printable(text, LONGEST_MARKER)))
    return events


def apply_channels(path: Path, recording: Converted) -> Converted:
    """Return a recording with what ``_channels.tsv`` beside it says of its channels.

    Parameters
    ----------
    path : Path
        The recording, ``…_eeg.…``.
    recording : Converted
        As its file describes it.

    Returns
    -------
    recording : Converted
        Types are those of the table; where it has the unit ``n/a``, the unit is unknown. A note
        names channels that it calls bad.

    See Also
    --------
    events_beside : The events.

    Examples
    --------
    >>> import numpy as np
    >>> recording = Converted(100.0, [Channel("Cz")], np.zeros((50, 1)), [])
    >>> apply_channels(Path("sub-01_task-p300_eeg.vhdr"), recording) is recording  # no table
    True
    """
    rows = _table(path, "channels")
    if rows is None:
        return recording
    said = {row.get("name") or "": row for row in rows}
    channels = [_said(channel, said.get(channel.name)) for channel in recording.channels]
    bad = [name for name, row in said.items() if (row.get("status") or "").lower() == "bad"]
    here = [channel.name for channel in channels if channel.name in bad]
    notes = recording.notes
    if here:
        names = clean(", ".join(here), 200)
        notes = (*notes, f"channels.tsv calls {names} bad; eeg.exclude leaves them out")
    return recording._replace(channels=channels, notes=notes)


def bids_recordings(folder: Path) -> list[Path]:
    """Return the EEG recordings of a BIDS data set, or of a part of it.

    Parameters
    ----------
    folder : Path
        The data set, or the folder of a subject or a session in it.

    Returns
    -------
    paths : list of Path
        Sorted; empty if the folder is no such folder. Derivatives are left out.

    See Also
    --------
    bci_online.acquisition.other_formats.source.ConvertedSource : Reads each.

    Examples
    --------
    >>> bids_recordings(Path("nowhere"))
    []
    """
    is_part = folder.name.startswith(("sub-", "ses-")) or folder.name == "eeg"
    if is_part:
        found = [*folder.rglob("*_eeg.*")]
    elif (folder / "dataset_description.json").is_file():
        found = [*folder.glob("sub-*/**/*_eeg.*")]
    else:
        return []
    return sorted(path for path in found if suffix_of(path) in KNOWN and path.is_file())


def _said(channel: Channel, row: dict[str, str | None] | None) -> Channel:
    if row is None:
        return channel
    kind = (row.get("type") or "").upper()
    kind = channel.type if kind.lower() in NOT_AVAILABLE else TYPES.get(kind, kind)
    is_known = "units" not in row or (row["units"] or "").lower() not in NOT_AVAILABLE
    return Channel(channel.name, kind, channel.unit if is_known else "")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name.rpartition('_eeg')[0]}_{suffix}.tsv")


def _table(path: Path, suffix: str) -> list[dict[str, str | None]] | None:
    table = _beside(path, suffix)
    if "_eeg." not in path.name or not table.is_file():
        return None
    if table.stat().st_size > MOST_BYTES:
        raise RecordingError(f"{table.name} is larger than {MOST_BYTES >> 20} MB: it is no table")
    with table.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
