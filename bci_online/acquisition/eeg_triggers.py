"""Triggers that come as a channel of the EEG stream."""

from collections.abc import Sequence
from typing import Any

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


def unread_triggers(spec: StreamSpec, stored: NDArray[Any], names: Sequence[str]) -> InputFinding:
    """Return the finding that a recording has no markers, with the channel that may hold them.

    Parameters
    ----------
    spec : StreamSpec
        Of the EEG stream.
    stored : ndarray, shape (n_samples, n_channels)
        All of its samples, as they are stored.
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
    for column, name in enumerate(spec.ch_names):
        line = stored[:, column]
        if name in eeg_names:
            continue
        if np.count_nonzero(line[1:] == line[:-1]) < RESTING * (len(line) - 1):
            continue
        n_pulses = len(LineMarkers().push(line))
        if n_pulses >= FEWEST_PULSES:
            value = f"no stream holds markers, and channel {name} has {n_pulses} pulses"
            mends = f"markers.channel_of_eeg = {toml_value(name)}"
            return InputFinding("no markers", what, value, line=mends)
    return InputFinding(
        "no markers", what, "none of them holds markers", "record the stream of the stimuli, too"
    )
