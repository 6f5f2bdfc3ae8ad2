"""The description of a stream, in a file or on the network; nothing in it is trusted.

The fields are those of LSL's stream header. The description follows the XDF metadata convention
(https://github.com/sccn/xdf/wiki/EEG-Meta-Data), and also what recorders write instead.
"""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import StreamSpec

__all__ = [
    "FASTEST",
    "MOST_CHANNELS",
    "SAMPLE_TYPES",
    "StreamHeader",
    "clean",
    "difference",
    "number_text",
    "parse_header",
    "printable",
    "stream_spec",
]

SAMPLE_TYPES = {
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "float32": np.float32,
    "double64": np.float64,
}

# Control characters, line and paragraph separators, and marks that change the direction of text:
# each could make a terminal show something else than the text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FASTEST = 100_000.0
"""The highest sampling rate that a stream of ours may state, in Hz."""
# A header beyond these is damaged, or made to fill the memory.
MOST_CHANNELS = 10_000
LONGEST_XML = 1 << 24
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
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


@dataclass(frozen=True)
class StreamHeader:
    """One stream of a file or of the network; ``number`` counts the streams of a file from 1."""

    number: int
    name: str
    type: str
    source_id: str
    n_channels: int
    sfreq: float
    format: str
    description: ElementTree.Element
    whole: bool

    def describe(self, n_samples: int) -> str:
        """Return a line for a person who must choose among streams."""
        rate = f"{self.sfreq:g} Hz" if self.sfreq else "irregular"
        source = f", source_id {self.source_id!r}" if self.source_id else ""
        return (
            f"#{self.number} {self.name!r} (type {self.type!r}, {self.n_channels} ch "
            f"{self.format}, {rate}, {n_samples} samples{source})"
        )


def printable(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, without control characters."""
    return _UNPRINTABLE.sub("", text[:limit])


def clean(text: str | None, limit: int = 80) -> str:
    """Return `text` as `printable` does, without surrounding blanks (the indentation of XML)."""
    return printable((text or "").strip(), limit).strip()


def parse_header(xml: bytes, number: int) -> StreamHeader:
    """Read a stream header. A damaged description is left out; ``whole`` is then False.

    Raises
    ------
    ValueError
        If it is not XML, or a field that decides how samples are stored is impossible.
    """
    if len(xml) > LONGEST_XML:
        raise ValueError(f"it has {len(xml)} bytes, at most {LONGEST_XML} are read")
    text = _NOT_XML.sub("", xml.decode("utf-8", "replace"))
    whole = True
    try:
        info = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        whole = False
        try:
            info = ElementTree.fromstring(text.partition("<desc")[0] + "</info>")
        except ElementTree.ParseError as error:
            raise ValueError(f"it is not XML: {error}") from None
    n_channels = int(info.findtext("channel_count") or "")
    format_ = clean(info.findtext("channel_format"))
    if not 1 <= n_channels <= MOST_CHANNELS or format_ not in {*SAMPLE_TYPES, "string"}:
        raise ValueError(f"channel_count={n_channels}, channel_format={format_!r} is impossible")
    sfreq = float(info.findtext("nominal_srate") or 0)
    description = info.find("desc")
    return StreamHeader(
        number=number,
        name=clean(info.findtext("name")),
        type=clean(info.findtext("type")),
        source_id=clean(info.findtext("source_id")),
        n_channels=n_channels,
        sfreq=sfreq if math.isfinite(sfreq) and sfreq > 0 else 0.0,
        format=format_,
        description=ElementTree.Element("desc") if description is None else description,
        whole=whole,
    )


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
    """Return how `found` differs from `expected`; empty if it is the same stream."""
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


def number_text(value: Any) -> str:
    """Return a numeric marker as short as possible: ``1111.0`` is ``1111``."""
    if math.isfinite(value):
        return np.format_float_positional(value, trim="-") if value % 1 else str(int(value))
    return str(value)
