"""Where the EEG comes from: LSL, or a client of mne-realtime."""

import re
from pathlib import Path
from typing import Literal, NamedTuple, cast

__all__ = ["LSL", "FieldTripBuffer", "MockFile", "eeg_origin"]

LSL = "lsl"
FIELDTRIP = re.compile(r"fieldtrip://([A-Za-z0-9_.-]+):([0-9]{1,5})(?:\?unit=([a-z]+))?")
MNE_MOCK = "mne-mock:"
UNITS = ("volts", "microvolts", "unknown")


class FieldTripBuffer(NamedTuple):
    """A FieldTrip buffer on the network; its protocol does not carry the unit of its samples.

    Parameters
    ----------
    host : str
        Name or address of the computer.
    port : int
        Where the buffer listens.
    unit : {"volts", "microvolts", "unknown"}
        Of its samples.

    See Also
    --------
    eeg_origin : Reads it from a text.
    """

    host: str
    port: int
    unit: Literal["volts", "microvolts", "unknown"] = "unknown"


class MockFile(NamedTuple):
    """A FIF file that mne-realtime's mock client sends.

    Parameters
    ----------
    path : Path
        The FIF file.

    See Also
    --------
    eeg_origin : Reads it from a text.
    """

    path: Path


def eeg_origin(source: str) -> FieldTripBuffer | MockFile | None:
    """Return what ``eeg.source`` of a configuration names.

    Parameters
    ----------
    source : str
        ``lsl``, ``fieldtrip://HOST:PORT`` (with ``?unit=volts`` or ``?unit=microvolts`` where that
        is known) or ``mne-mock:FILE.fif``.

    Returns
    -------
    origin : FieldTripBuffer, MockFile or None
        None is LSL, which needs no client.

    Raises
    ------
    ValueError
        If it has none of these forms.

    See Also
    --------
    bci_online.runtime.sources.client_source : The source of an origin.

    Examples
    --------
    >>> eeg_origin("fieldtrip://10.0.0.7:1972?unit=microvolts")
    FieldTripBuffer(host='10.0.0.7', port=1972, unit='microvolts')
    >>> eeg_origin("mne-mock:old_raw.fif").path.name
    'old_raw.fif'
    >>> eeg_origin("lsl") is None
    True
    """
    if source == LSL:
        return None
    if source.startswith(MNE_MOCK) and source.endswith((".fif", ".fif.gz")):
        return MockFile(Path(source.removeprefix(MNE_MOCK)))
    buffer = FIELDTRIP.fullmatch(source)
    if buffer and 0 < int(buffer[2]) < 1 << 16 and (buffer[3] or "unknown") in UNITS:
        unit = cast("Literal['volts', 'microvolts', 'unknown']", buffer[3] or "unknown")
        return FieldTripBuffer(buffer[1], int(buffer[2]), unit)
    raise ValueError(
        f"source={source!r} must be 'lsl', 'fieldtrip://HOST:PORT' (and '?unit=microvolts' or "
        "'?unit=volts' where it is known) or 'mne-mock:FILE.fif'"
    )
