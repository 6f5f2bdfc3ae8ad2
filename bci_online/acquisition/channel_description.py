"""What a stream's description says of its channels: names, types, units, impedances.

The description follows the XDF metadata convention
(https://github.com/sccn/xdf/wiki/EEG-Meta-Data), and also what recorders write instead.
"""

import math
import re
import unicodedata
from collections import Counter
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_texts import clean
from bci_online.messages import StreamSpec

__all__ = ["difference", "stream_spec"]

_VOLTAGE = re.compile(r"(micro|milli|nano|u|μ|m|n|)\s*v(?:olts?)?")
_MICROVOLTS = {
    "": 1e6, "milli": 1e3, "m": 1e3, "micro": 1.0, "u": 1.0, "μ": 1.0, "nano": 1e-3, "n": 1e-3,
}  # fmt: skip
# MNE-LSL writes the power of ten of its volts as the unit.
_POWERS_OF_TEN = {"0": 1e6, "-3": 1e3, "-6": 1.0, "-9": 1e-3}
_UNIT_WORDS = {
    "a.u.": "au", "a.u": "au", "arbitrary": "au", "arbitrary unit": "au", "arbitrary units": "au",
    "": "unknown", "none": "unknown", "n/a": "unknown", "-": "unknown",
}  # fmt: skip


def stream_spec(header: StreamHeader) -> tuple[StreamSpec, NDArray[np.float64] | None]:
    """Return the description of an EEG stream, and the factors of its samples.

    Parameters
    ----------
    header : StreamHeader
        As `parse_header` returns it.

    Returns
    -------
    spec : StreamSpec
        Its unit is ``microvolts`` if every channel of type EEG is a voltage; else ``au``,
        ``unknown``, or the word that the stream uses for all of them.
    factors : ndarray, shape (n_channels,), or None
        Microvolts per stored step; None where samples stay as they are.

    See Also
    --------
    bci_online.acquisition.stream_header.parse_header : Reads the header.
    bci_online.messages.streams.StreamSpec : The description.

    Examples
    --------
    >>> channel = "<channel><label>Cz</label><unit>V</unit></channel>"
    >>> description = ElementTree.fromstring(f"<desc><channels>{channel}</channels></desc>")
    >>> header = StreamHeader(1, "amp", "EEG", "", 1, 250.0, "float32", description, whole=True)
    >>> spec, factors = stream_spec(header)
    >>> spec.ch_names, spec.unit, factors.tolist()
    (('Cz',), 'microvolts', [1000000.0])
    """
    channels: list[ElementTree.Element | None]
    channels = [*header.description.findall("channels/channel")[: header.n_channels]]
    channels += [None] * (header.n_channels - len(channels))
    types = tuple((_field(channel, "type") or header.type).upper() for channel in channels)
    units = [
        _unit(_field(channel, "unit"), kind) for channel, kind in zip(channels, types, strict=True)
    ]
    brain = [unit for unit, kind in zip(units, types, strict=True) if kind == "EEG"]
    words = {word for word, _ in brain or units}
    factors = np.array([factor for _, factor in units])
    converted = words == {"microvolts"} and bool(np.any(factors != 1.0))
    spec = StreamSpec(
        name=header.name,
        sfreq=header.sfreq,
        ch_names=_labels(channels),
        ch_types=types,
        type=header.type,
        source_id=header.source_id,
        unit=words.pop() if len(words) == 1 else "unknown",
        reference=_reference(header.description),
        amplifier=_amplifier(header.description),
        impedances=_impedances(channels),
    )
    return spec, factors if converted else None


def difference(expected: StreamSpec, found: StreamSpec) -> str:
    """Return how `found` differs from `expected`; empty if it is the same stream.

    Parameters
    ----------
    expected : StreamSpec
        As it was.
    found : StreamSpec
        As it is now.

    Returns
    -------
    text : str
        For a person; empty if nothing differs.

    See Also
    --------
    bci_online.decoding.decoder.match_stream : Whether a decoder fits a stream.

    Examples
    --------
    >>> names = {"ch_names": ("Cz",), "ch_types": ("EEG",)}
    >>> before, now = (StreamSpec(name="amp", sfreq=sfreq, **names) for sfreq in (250.0, 500.0))
    >>> difference(before, now)
    '500 Hz instead of 250 Hz'
    """
    changed = []
    if found.sfreq != expected.sfreq:
        changed.append(f"{found.sfreq:g} Hz instead of {expected.sfreq:g} Hz")
    if found.ch_names != expected.ch_names:
        missing = [name for name in expected.ch_names if name not in found.ch_names]
        new = [name for name in found.ch_names if name not in expected.ch_names]
        changed += [f"channels {_some(missing)} are missing"] if missing else []
        changed += [f"channels {_some(new)} are new"] if new else []
        changed += [] if missing or new else ["the channels are in another order"]
    if found.unit != expected.unit:
        changed.append(f"the unit is {found.unit} instead of {expected.unit}")
    return "; ".join(changed)


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _field(channel: ElementTree.Element | None, name: str) -> str:
    return "" if channel is None else clean(channel.findtext(name), 40)


def _impedances(channels: list[ElementTree.Element | None]) -> tuple[float | None, ...]:
    """Return the impedance of each channel in kΩ; empty if the stream states none."""
    found = []
    for channel in channels:
        try:
            kohm = float(_field(channel, "impedance"))
        except ValueError:
            kohm = math.nan
        found.append(kohm if 0 <= kohm < math.inf else None)
    return tuple(found) if any(kohm is not None for kohm in found) else ()


def _unit(text: str, kind: str) -> tuple[str, float]:
    """Return the unit's word, and for a voltage how many microvolts it is."""
    # Unicode has two micro signs that look alike; NFKC makes them one.
    word = unicodedata.normalize("NFKC", text).strip().lower()
    if kind == "EEG" and word in _POWERS_OF_TEN:
        return "microvolts", _POWERS_OF_TEN[word]
    voltage = _VOLTAGE.fullmatch(word)
    if voltage:
        return "microvolts", _MICROVOLTS[voltage[1]]
    return _UNIT_WORDS.get(word, word), 1.0


def _labels(channels: list[ElementTree.Element | None]) -> tuple[str, ...]:
    """Return a unique name for each channel: its label, else its number from 1."""
    names: list[str] = []
    seen: set[str] = set()
    copies: Counter[str] = Counter()
    for number, channel in enumerate(channels, start=1):
        label = name = _field(channel, "label") or _field(channel, "name") or str(number)
        while name in seen:
            copies[label] += 1
            name = f"{label}-{copies[label] + 1}"
        names.append(name)
        seen.add(name)
    return tuple(names)


def _reference(description: ElementTree.Element) -> str:
    reference = description.find("reference")
    if reference is None:
        return ""
    labels = [clean(label.text, 40) for label in reference.findall("label")[:8]]
    if any(labels):
        return "+".join(filter(None, labels))
    if clean(reference.findtext("common_average")).lower() in {"yes", "true", "1"}:
        return "average"
    return clean(reference.text)


def _amplifier(description: ElementTree.Element) -> str:
    for place in (description.find("acquisition"), description.find("amplifier"), description):
        if place is not None:
            parts = [clean(place.findtext(field)) for field in ("manufacturer", "model")]
            if any(parts):
                return " ".join(filter(None, parts))
    return ""
