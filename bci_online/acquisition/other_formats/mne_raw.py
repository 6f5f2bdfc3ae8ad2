"""Recordings that MNE reads."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from bci_online.acquisition.file_names import files_of, suffix_of
from bci_online.acquisition.other_formats.bids import apply_channels, events_beside
from bci_online.acquisition.other_formats.converted import Channel, Converted
from bci_online.acquisition.other_formats.edf_records import discontinuous_records
from bci_online.acquisition.other_formats.raw_rows import RawRows
from bci_online.acquisition.stream_header import FASTEST, MOST_CHANNELS
from bci_online.acquisition.stream_texts import LONGEST_MARKER, clean, printable
from bci_online.errors import RecordingError

__all__ = ["read_with_mne"]

# MNE makes volts of these; MEG and the rest keep their units.
IN_VOLTS = ("eeg", "eog", "ecg", "emg", "bio", "seeg", "ecog", "dbs")
NOT_STATED = ("n/a", "")
VOLTAGES = ("V", "mV", "µV", "uV", "nV")
# The channels in which MNE looks for events before any other.
COMBINED_STIM = ("STI 101", "STI101", "STI 014", "STI014")
# Events after which samples are missing, as EEGLAB, BrainVision and MNE write them.
BREAKS = ("boundary", "new segment", "edge boundary", "bad boundary")
# What MNE puts in front of a BrainVision marker that is text.
COMMENT = "Comment/"
# What MNE says where its reader of a format needs another package.
NEEDED = re.compile(r"the module ([A-Za-z0-9_]+)\S* is needed")
# More values than this for each byte of the files are no samples, but a damaged header.
MOST_PER_BYTE = 64


def read_with_mne(path: Path) -> Converted:
    """Read a recording with the reader that MNE has for its name.

    Parameters
    ----------
    path : Path
        A file that is there.

    Returns
    -------
    recording : Converted
        Its events are those of the BIDS table beside it, else MNE's annotations. Stim channels are
        lines: the one that combines the others, if there is one.

    Raises
    ------
    RecordingError
        If MNE cannot read it, or it is not what its header says.

    See Also
    --------
    bci_online.acquisition.other_formats.source.ConvertedSource : Plays it.

    Examples
    --------
    >>> import tempfile
    >>> import mne
    >>> info = mne.create_info(["Cz"], 100.0, "eeg", verbose="ERROR")
    >>> raw = mne.io.RawArray(1e-6 * np.ones((1, 200)), info, verbose="ERROR")
    >>> _ = raw.set_annotations(mne.Annotations(0.5, 0.0, "flash/3/target"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run_raw.fif"
    ...     _ = raw.save(path, fmt="double", verbose="ERROR")
    ...     found = read_with_mne(path)
    >>> found.channels, found.data.shape, found.events
    ([Channel(name='Cz', type='EEG', unit='microvolts')], (200, 1), [(0.5, 'flash/3/target')])
    """
    records = discontinuous_records(path) if suffix_of(path) in (".edf", ".bdf") else None
    raw, notes = _raw(path)
    channels = _channels(raw, suffix_of(path))
    data = _samples(raw, channels)
    sfreq = float(raw.info["sfreq"])
    # MNE puts records together without their gaps, and leaves annotations where they were.
    annotated = _annotated(raw) if records is None else records.events
    events = events_beside(path)
    events = annotated if events is None else events
    if records is not None:
        notes = [note for note in notes if "outside data range" not in note]
        annotated, events = records.without_gaps(annotated), records.without_gaps(events)
    breaks = [round(at * sfreq) for at, text in (*annotated, *events) if _is_break(text)]
    breaks += [] if records is None else records.breaks(sfreq)
    if raw.info["bads"]:
        bads = clean(", ".join(raw.info["bads"]), 200)
        notes.append(f"marked as bad in the file: {bads}; eeg.exclude leaves them out")
    converted = Converted(
        sfreq=sfreq,
        channels=channels,
        data=data,
        events=[(at, text) for at, text in events if text and not _is_break(text)],
        lines=_lines(channels),
        breaks=tuple(breaks),
        notes=tuple(notes),
    )
    return apply_channels(path, converted)


def _raw(path: Path) -> tuple[Any, list[str]]:
    """Return what MNE makes of a file, not yet loaded, and its warnings."""
    from mne.io import BaseRaw, read_raw

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            raw = read_raw(path, preload=False, verbose="WARNING")
    # MNE does not document what it raises on a file that is damaged or of another format.
    except Exception as error:
        needed = NEEDED.search(str(error))
        why = f"({type(error).__name__}: {error})"
        if needed is not None:
            why = f"without the package {needed[1]}: pip install {needed[1]}"
        raise RecordingError(f"cannot be read by MNE as {suffix_of(path)} {why}") from error
    if not isinstance(raw, BaseRaw):
        raise RecordingError("holds epochs, not a recording; export the continuous recording")
    n_bytes = sum(file.stat().st_size for file in files_of(path))
    n_channels, sfreq = len(raw.ch_names), float(raw.info["sfreq"])
    if not 1 <= n_channels <= MOST_CHANNELS or not 0 < sfreq <= FASTEST:
        raise RecordingError(f"states {n_channels} channels at {sfreq:g} Hz, which is impossible")
    if n_channels * raw.n_times > MOST_PER_BYTE * n_bytes:
        raise RecordingError(f"states {raw.n_times} samples, but has only {n_bytes} bytes")
    for part in raw.filenames:
        if part is not None and not Path(part).is_file():
            raise RecordingError(f"leaves its samples to {clean(str(part), 200)}, which is no file")
    texts = [str(one.message) for one in caught if issubclass(one.category, RuntimeWarning)]
    return raw, [clean(text, 200) for text in dict.fromkeys(texts) if "boundary" not in text]


def _channels(raw: Any, suffix: str) -> list[Channel]:
    """Return the channels; a voltage without a stated unit is as the file has it."""
    stated = dict(raw._orig_units)
    if suffix == ".gdf":
        # MNE keeps no words here, only that these numbers were not scaled.
        factors = raw._raw_extras[0].get("units", ())
        pairs = zip(raw.ch_names, factors, strict=False)
        stated |= {name: "n/a" for name, factor in pairs if factor == 1}
    return [
        Channel(name, kind.upper(), _unit(kind, stated.get(name)))
        for name, kind in zip(raw.ch_names, raw.get_channel_types(), strict=True)
    ]


def _unit(kind: str, stated: str | None) -> str:
    if kind in IN_VOLTS and (stated is None or stated in VOLTAGES):
        return "microvolts"
    return "" if stated is None or stated in NOT_STATED else stated


def _samples(raw: Any, channels: list[Channel]) -> RawRows:
    """Return the samples (n_samples, n_channels), voltages in microvolts."""
    return RawRows(raw, np.array([1e6 if one.unit == "microvolts" else 1.0 for one in channels]))


def _annotated(raw: Any) -> list[tuple[float, str]]:
    """Return MNE's annotations: seconds from the first sample, and the text."""
    onsets = raw.annotations.onset - raw.first_time
    return [
        (float(at), printable(str(text).removeprefix(COMMENT), LONGEST_MARKER))
        for at, text in zip(onsets, raw.annotations.description, strict=True)
    ]


def _is_break(text: str) -> bool:
    return text.casefold().strip("/ ") in BREAKS


def _lines(channels: list[Channel]) -> tuple[int, ...]:
    stims = [column for column, channel in enumerate(channels) if channel.type == "STIM"]
    combined = [column for column in stims if channels[column].name in COMBINED_STIM]
    return tuple(combined[:1] or stims)
