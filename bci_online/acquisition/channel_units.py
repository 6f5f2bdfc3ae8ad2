"""The units of channels: words, voltages, and the factors that make microvolts of them."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ChannelUnit", "common_unit", "unit_of", "without_voltage"]

MICROVOLTS = "microvolts"
UNKNOWN = "unknown"
_VOLTAGE = re.compile(r"(micro|milli|nano|u|μ|m|n|)\s*v(?:olts?)?")
_FACTORS = {
    "": 1e6, "milli": 1e3, "m": 1e3, "micro": 1.0, "u": 1.0, "μ": 1.0, "nano": 1e-3, "n": 1e-3,
}  # fmt: skip
# MNE-LSL writes the power of ten of its volts as the unit.
_POWERS_OF_TEN = {"0": 1e6, "-3": 1e3, "-6": 1.0, "-9": 1e-3}
_WORDS = {
    "a.u.": "au", "a.u": "au", "arbitrary": "au", "arbitrary unit": "au", "arbitrary units": "au",
    "": UNKNOWN, "none": UNKNOWN, "n/a": UNKNOWN, "-": UNKNOWN,
}  # fmt: skip
# Words for steps of a converter: they say that nobody knows how many microvolts one is.
_STEPS = frozenset(["au", "adc", "bit", "bits", "counts", "count", "lsb", "raw", "step", "steps"])


class ChannelUnit(NamedTuple):
    """The unit of one channel.

    Parameters
    ----------
    word : str
        ``microvolts`` for every voltage; ``unknown`` where nothing is stated.
    factor : float
        Microvolts per stored step of a voltage.
    scaling : float
        The part of the factor that comes from a ``scaling_factor``.

    See Also
    --------
    unit_of : Reads it.
    """

    word: str
    factor: float
    scaling: float = 1.0


def unit_of(text: str, scaling: str, kind: str, format_: str) -> ChannelUnit:
    """Return the unit of a channel.

    Parameters
    ----------
    text : str
        As the description states it.
    scaling : str
        Its ``scaling_factor``. Senders of integers state it: samples are steps of that many units.
        Senders of fractions have multiplied already.
    kind : str
        Type of the channel.
    format_ : str
        How samples are stored.

    Returns
    -------
    unit : ChannelUnit
        A voltage is in microvolts.

    See Also
    --------
    common_unit : The unit of a stream.

    Examples
    --------
    >>> unit_of("mV", "", "EEG", "float32").factor, unit_of("uV", "0.5", "EEG", "int16").factor
    (1000.0, 0.5)
    """
    # Unicode has two micro signs that look alike; NFKC makes them one.
    word = unicodedata.normalize("NFKC", text).strip().lower()
    voltage = _VOLTAGE.fullmatch(word)
    if kind == "EEG" and word in _POWERS_OF_TEN:
        factor = _POWERS_OF_TEN[word]
    elif voltage:
        factor = _FACTORS[voltage[1]]
    else:
        return ChannelUnit(_WORDS.get(word, word), 1.0)
    scale = _scaling(scaling) if "int" in format_ else 1.0
    return ChannelUnit(MICROVOLTS, factor * scale, scale)


def _scaling(text: str) -> float:
    try:
        scaling = float(text)
    except ValueError:
        return 1.0
    return scaling if 0 < abs(scaling) < math.inf else 1.0


def without_voltage(units: Sequence[ChannelUnit]) -> list[int]:
    """Return the channels that state a unit which is no voltage, beside channels that may be one.

    Parameters
    ----------
    units : sequence of ChannelUnit
        Of the channels of type EEG.

    Returns
    -------
    places : list of int
        Their places in `units`. Where all channels state the same word, there are none.

    See Also
    --------
    unit_of : Reads a unit.

    Examples
    --------
    >>> without_voltage([ChannelUnit("microvolts", 1.0), ChannelUnit("seconds", 1.0)])
    [1]
    """
    words = {unit.word for unit in units}
    # A converter's steps are a signal as well as voltages, but not beside these.
    possible = {MICROVOLTS, UNKNOWN} | (set() if MICROVOLTS in words else _STEPS)
    if not words & possible:
        return []
    return [place for place, unit in enumerate(units) if unit.word not in possible]


def common_unit(
    units: Sequence[ChannelUnit], chosen: Sequence[int], given: str
) -> tuple[str, NDArray[np.float64] | None]:
    """Return the unit of a stream, and the factors of its channels.

    Parameters
    ----------
    units : sequence of ChannelUnit
        Of all channels.
    chosen : sequence of int
        The channels that take part; what the others are decides nothing.
    given : str
        The unit of those that take part, as the configuration says; ``stated``: as they state.

    Returns
    -------
    unit : str
        Of the channels that take part; ``unknown`` where they differ.
    factors : ndarray, shape (n_channels,), or None
        Microvolts per stored step; None where samples stay as they are.

    See Also
    --------
    unit_of : The unit of one channel.

    Examples
    --------
    >>> volts, steps = ChannelUnit("microvolts", 1e6), ChannelUnit("code", 1.0)
    >>> unit, factors = common_unit([volts, steps], chosen=[0], given="stated")
    >>> unit, factors.tolist()
    ('microvolts', [1000000.0, 1.0])
    """
    factors = np.array([unit.factor for unit in units])
    if given != "stated":
        factors[list(chosen)] = unit_of(given, "", "EEG", "").factor
        words = {MICROVOLTS}
    else:
        words = {units[place].word for place in chosen}
    is_converted = words == {MICROVOLTS} and bool(np.any(factors != 1.0))
    return (words.pop() if len(words) == 1 else UNKNOWN), factors if is_converted else None
