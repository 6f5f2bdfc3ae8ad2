"""The header of a BCI2000 file: parameters and the places of states; nothing in it is trusted."""

import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import FASTEST, MOST_CHANNELS
from bci_online.acquisition.stream_texts import clean, printable
from bci_online.errors import RecordingError

__all__ = ["Bci2000Header", "State", "parse_bci2000"]

LONGEST = 1 << 24
LONGEST_TEXT = 1 << 16
MOST_STATE_BYTES = 1 << 12
MOST_BITS = 32
DTYPES = {"int16": "<i2", "int32": "<i4", "float32": "<f4"}
_PAIR = re.compile(r"(\w+)\s*=\s*(\S+)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_POWERS = {"V": 1e6, "mV": 1e3, "muV": 1.0, "uV": 1.0, "µV": 1.0, "nV": 1e-3}


class State(NamedTuple):
    """Where a state is in the bytes after each sample.

    Parameters
    ----------
    n_bits : int
        Its length.
    byte, bit : int
        Place of its lowest bit.

    See Also
    --------
    Bci2000Header : Has them by name.

    Examples
    --------
    >>> State(n_bits=8, byte=2, bit=0).byte
    2
    """

    n_bits: int
    byte: int
    bit: int


class Bci2000Header(NamedTuple):
    """What the header of a BCI2000 file says.

    Parameters
    ----------
    n_bytes : int
        Where the samples begin.
    n_channels, n_state_bytes : int
        Of each sample.
    dtype : dtype
        Of the stored numbers.
    sfreq : float
        In Hz.
    ch_names : tuple of str
        Numbers from 1 where the file has no names.
    offsets, gains : ndarray, shape (n_channels,)
        A stored number minus its offset, times its gain, is in `unit`.
    unit : str
        ``microvolts``, or empty where the gains are missing.
    states : dict of str to State
        By name.
    text : str
        What was to be spelled; empty where the file does not say.

    See Also
    --------
    parse_bci2000 : Reads it.
    """

    n_bytes: int
    n_channels: int
    n_state_bytes: int
    dtype: np.dtype[Any]
    sfreq: float
    ch_names: tuple[str, ...]
    offsets: NDArray[np.float64]
    gains: NDArray[np.float64]
    unit: str
    states: dict[str, State]
    text: str


def parse_bci2000(path: Path) -> Bci2000Header:
    """Read the header of a BCI2000 file.

    Parameters
    ----------
    path : Path
        A file that is there.

    Returns
    -------
    header : Bci2000Header
        Its numbers are possible ones.

    Raises
    ------
    RecordingError
        If it is no BCI2000 file, or a number in it is impossible.

    See Also
    --------
    bci_online.acquisition.other_formats.bci2000.read_bci2000 : Reads the whole file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.dat"
    ...     _ = path.write_bytes(b"XDF:")
    ...     parse_bci2000(path)
    Traceback (most recent call last):
    bci_online.errors.RecordingError: is no BCI2000 file: its first line lacks HeaderLen
    """
    with path.open("rb") as file:
        first = dict(_PAIR.findall(file.readline(4096).decode("latin-1")))
        for name in ("HeaderLen", "SourceCh", "StatevectorLen"):
            if not first.get(name, "").isdecimal():
                raise RecordingError(f"is no BCI2000 file: its first line lacks {name}")
        n_bytes, n_channels, n_state_bytes = (
            _within(name, int(first[name]), least, most)
            for name, least, most in (
                ("HeaderLen", 1, min(LONGEST, path.stat().st_size)),
                ("SourceCh", 1, MOST_CHANNELS),
                ("StatevectorLen", 0, MOST_STATE_BYTES),
            )
        )
        dtype = DTYPES.get(first.get("DataFormat", "int16"))
        if dtype is None:
            raise RecordingError(f"has DataFormat {clean(first['DataFormat'])!r}, which is unknown")
        text = file.read(max(0, n_bytes - file.tell())).decode("utf-8", "replace")
    parameters, states = _sections(text, n_state_bytes)
    gains, unit = _gains(parameters.get("SourceChGain", []), n_channels)
    offsets = _numbers(parameters.get("SourceChOffset", []))
    names = tuple(clean(name) for name in parameters.get("ChannelNames", [])[1:])
    is_named = len(names) == n_channels and all(names)
    return Bci2000Header(
        n_bytes=n_bytes,
        n_channels=n_channels,
        n_state_bytes=n_state_bytes,
        dtype=np.dtype(dtype),
        sfreq=_sfreq(parameters.get("SamplingRate", [])),
        ch_names=names if is_named else tuple(str(n) for n in range(1, n_channels + 1)),
        offsets=np.array(offsets) if len(offsets) == n_channels else np.zeros(n_channels),
        gains=gains,
        unit=unit,
        states=states,
        text=_spelled(parameters.get("TextToSpell", [])),
    )


def _within(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise RecordingError(f"has {name}={value}, possible is {least} to {most}")
    return value


def _sections(text: str, n_state_bytes: int) -> tuple[dict[str, list[str]], dict[str, State]]:
    """Return the values of each parameter, as words of any content, and the states."""
    parameters: dict[str, list[str]] = {}
    states: dict[str, State] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] \t").casefold()
        elif section == "parameter definition" and "=" in line:
            left, _, right = line.partition("//")[0].partition("=")
            words = left.split()
            if words:
                parameters[words[-1]] = [_decoded(word) for word in right.split()]
        elif section == "state vector definition":
            name, *numbers = line.split() or [""]
            if len(numbers) >= 4 and all(number.isdecimal() for number in numbers[:4]):
                n_bits, _, byte, bit = (int(number[:9]) for number in numbers[:4])
                end = 8 * byte + bit + n_bits
                if 1 <= n_bits <= MOST_BITS and bit < 8 and end <= 8 * n_state_bytes:
                    states[clean(name)] = State(n_bits, byte, bit)
    return parameters, states


def _decoded(word: str) -> str:
    """Return a value as it was entered: blanks are ``%20``, and an empty one is ``%``."""
    return "" if word == "%" else unquote(word)


def _spelled(words: list[str]) -> str:
    """Return what was to be spelled; empty if a letter of it cannot be shown: the rest would shift.

    Its blanks are letters, too.
    """
    text = "".join(words[:1])
    return text if text == printable(text, LONGEST_TEXT) else ""


def _numbers(words: list[str]) -> list[float]:
    """Return the numbers of a list, whose first word is its length."""
    found = [_NUMBER.match(word) for word in words[1:]]
    n = int(words[0]) if words and words[0].isdecimal() else 0
    numbers = [float(one[0]) for one in found[:n] if one]
    return numbers if len(numbers) == n and np.isfinite(numbers).all() else []


def _gains(words: list[str], n_channels: int) -> tuple[NDArray[np.float64], str]:
    """Return microvolts per step, and the unit; steps are left as they are without gains."""
    gains = _numbers(words)
    if len(gains) != n_channels:
        return np.ones(n_channels), ""
    units = [_NUMBER.sub("", word, count=1) for word in words[1 : 1 + n_channels]]
    return np.array(gains) * [_POWERS.get(unit, 1.0) for unit in units], "microvolts"


def _sfreq(words: list[str]) -> float:
    number = _NUMBER.match(words[0]) if words else None
    sfreq = float(number[0]) if number else 0.0
    if not 0 < sfreq <= FASTEST:
        raise RecordingError(f"has SamplingRate={' '.join(words[:1])!r}, which is no rate in Hz")
    return sfreq
