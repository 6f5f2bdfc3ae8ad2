"""Triggers that come as a channel of the EEG stream."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.line_markers import LineMarkers
from bci_online.config import MarkerStream
from bci_online.errors import BciError
from bci_online.input_findings import InputFinding
from bci_online.messages import EEG, Marker, StreamSpec
from bci_online.toml_text import toml_value

__all__ = ["EegTriggers", "unread_triggers"]

RESTING = 0.8
FEWEST_PULSES = 5
# Hours of a recording are read in blocks of so many samples.
BLOCK = 1 << 16


class EegTriggers:
    """Reads ``markers.channel_of_eeg``, where it is set; each marker names its sample.

    Parameters
    ----------
    spec : StreamSpec
        Of the EEG stream.
    markers : MarkerStream
        Names the channel.

    Attributes
    ----------
    spec : StreamSpec
        The same; the channel of triggers is no electrode in it.

    Raises
    ------
    BciError
        If the stream lacks the channel.

    See Also
    --------
    bci_online.acquisition.line_markers.LineMarkers : What is a marker of a line.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("Cz", "T"), ch_types=("EEG", "EEG"))
    >>> triggers = EegTriggers(spec, MarkerStream(channel_of_eeg="T"))
    >>> data = np.array([[0.0, 0], [0, 5], [0, 5], [0, 0]])
    >>> [(one.text, one.time, one.row) for one in triggers.of(data, np.arange(4) / 100)]
    [('5', 0.01, 1)]
    """

    def __init__(self, spec: StreamSpec, markers: MarkerStream) -> None:
        self.spec = spec
        self._column: int | None = None
        self._line = LineMarkers(markers.mask)
        name = markers.channel_of_eeg
        if not name:
            return
        if name not in spec.ch_names:
            raise BciError(
                f"markers.channel_of_eeg={name!r} is not in stream {spec.name!r}, which has "
                f"{', '.join(spec.ch_names)}"
            )
        self._column = spec.ch_names.index(name)
        self.spec = msgspec.structs.replace(spec, no_electrodes=(*spec.no_electrodes, name))

    def of(self, stored: NDArray[Any], stamps: NDArray[np.float64]) -> list[Marker]:
        """Return the markers in the samples (n, n_channels) of a reading, as they are stored."""
        if self._column is None:
            return []
        found = self._line.push(stored[:, self._column])
        return [Marker(text, float(stamps[row]), EEG, row=row) for row, text in found]


class Rows(Protocol):
    """Samples (n_samples, n_channels), in memory or in a file."""

    def __len__(self) -> int: ...

    def __getitem__(self, which: slice, /) -> NDArray[Any]: ...


def unread_triggers(spec: StreamSpec, stored: Rows, names: Sequence[str]) -> InputFinding:
    """Return the finding that a recording has no markers, with the channel that may hold them.

    Parameters
    ----------
    spec : StreamSpec
        Of the EEG stream.
    stored : array_like, shape (n_samples, n_channels)
        All of its samples, as they are stored; they are read in blocks.
    names : sequence of str
        Of the streams that are there.

    Returns
    -------
    finding : InputFinding
        It names a channel that rests but for pulses, if there is one.

    See Also
    --------
    EegTriggers : Reads such a channel.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("Cz", "T"), ch_types=("EEG", "AUX"))
    >>> stored = np.column_stack([np.arange(200.0), np.arange(200) % 20 == 3])
    >>> print(unread_triggers(spec, stored, ["amp"]).line)
    markers.channel_of_eeg = "T"
    """
    what = f"streams {', '.join(map(repr, names))}"
    eeg_names = set(spec.eeg_names)
    for column in _resting(stored, [n not in eeg_names for n in spec.ch_names]):
        name, line = spec.ch_names[column], LineMarkers()
        n_pulses = sum(len(line.push(block[:, column])) for block in _blocks(stored))
        if n_pulses >= FEWEST_PULSES:
            value = f"no stream holds markers, and channel {name} has {n_pulses} pulses"
            mends = f"markers.channel_of_eeg = {toml_value(name)}"
            return InputFinding("no markers", what, value, line=mends)
    return InputFinding(
        "no markers", what, "none of them holds markers", "record the stream of the stimuli, too"
    )


def _resting(stored: Rows, asked: Sequence[bool]) -> list[int]:
    """Return which of the columns that are asked for mostly keep their value."""
    columns = np.flatnonzero(asked)
    n_kept = np.zeros(columns.size, dtype=np.int64)
    last: NDArray[Any] | None = None
    for block in _blocks(stored) if columns.size else ():
        lines = block[:, columns]
        n_kept += np.count_nonzero(lines[1:] == lines[:-1], axis=0)
        if last is not None:
            n_kept += lines[0] == last
        last = lines[-1]
    found: list[int] = columns[n_kept >= RESTING * (len(stored) - 1)].tolist()
    return found


def _blocks(stored: Rows) -> Iterator[NDArray[Any]]:
    for start in range(0, len(stored), BLOCK):
        yield stored[start : start + BLOCK]
