"""What a stream's description says of its channels: names, types, units, impedances.

The description follows the XDF metadata convention
(https://github.com/sccn/xdf/wiki/EEG-Meta-Data), and also what recorders write instead.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.channel_units import ChannelUnit, common_unit, unit_of, without_voltage
from bci_online.acquisition.no_electrodes import left_out
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.acquisition.stream_texts import clean
from bci_online.config import EegStream
from bci_online.counted import some
from bci_online.errors import ConfigError
from bci_online.input_findings import InputFinding
from bci_online.messages import StreamSpec
from bci_online.sensor_names import other_than_sensors

__all__ = ["Description", "difference", "stream_spec"]

ANY_EEG = EegStream()


class Description(NamedTuple):
    """A stream as its header describes it.

    Parameters
    ----------
    spec : StreamSpec
        Its unit is ``microvolts`` if every channel that takes part is a voltage; else ``au``,
        ``unknown``, or the word that the stream uses for all of them.
    factors : ndarray, shape (n_channels,), or None
        Microvolts per stored step; None where samples stay as they are.
    findings : tuple of InputFinding
        What is wrong with the description.

    See Also
    --------
    stream_spec : Makes it.
    """

    spec: StreamSpec
    factors: NDArray[np.float64] | None
    findings: tuple[InputFinding, ...]


def stream_spec(header: StreamHeader, eeg: EegStream = ANY_EEG) -> Description:
    """Return the description of an EEG stream, and the factors of its samples.

    Channels without a type, or of the stream's own type, are EEG. Of these a channel is no
    electrode where its name or its unit says so, unless the configuration names it.

    Parameters
    ----------
    header : StreamHeader
        As `parse_header` returns it.
    eeg : EegStream
        The table ``eeg`` of the configuration: which channels take part, and in which unit.

    Returns
    -------
    description : Description
        With what is wrong with it.

    See Also
    --------
    bci_online.acquisition.stream_header.parse_header : Reads the header.
    bci_online.messages.streams.StreamSpec : The description.

    Examples
    --------
    >>> channel = "<channel><label>Cz</label><unit>V</unit></channel>"
    >>> description = ElementTree.fromstring(f"<desc><channels>{channel}</channels></desc>")
    >>> header = StreamHeader(1, "amp", "EEG", "", 1, 250.0, "float32", description, whole=True)
    >>> spec, factors, _ = stream_spec(header)
    >>> spec.ch_names, spec.unit, factors.tolist()
    (('Cz',), 'microvolts', [1000000.0])
    """
    described = header.description.findall("channels/channel")
    is_matched = len(described) in (0, header.n_channels)
    channels: list[ElementTree.Element | None] = [*described[: header.n_channels]]
    channels += [None] * (header.n_channels - len(channels))
    labels = [_label(channel, number) for number, channel in enumerate(channels, start=1)]
    names = _renamed(_unique(labels), eeg)
    types = [_type(channel, header) for channel in channels]
    units = [
        unit_of(_field(channel, "unit"), _field(channel, "scaling_factor"), kind, header.format)
        for channel, kind in zip(channels, types, strict=True)
    ]
    # Labels that belong to other channels say nothing of these.
    no_voltages = _no_voltages(names, types, units) if is_matched else {}
    reasons = no_voltages | _no_sensors(names, types, no_voltages) if is_matched else {}
    others = tuple(name for name in names if name in reasons and name not in eeg.channels)
    chosen = _take_part(names, types, others, eeg)
    unit, factors = common_unit(units, chosen, eeg.unit)
    spec = StreamSpec(
        name=header.name,
        sfreq=eeg.sfreq if isinstance(eeg.sfreq, float) else header.sfreq,
        ch_names=names,
        ch_types=tuple(types),
        type=header.type,
        source_id=header.source_id,
        unit=unit,
        scaling=_scaling(units, eeg, factors),
        factor=1.0 if factors is None else float(np.median(factors[chosen])),
        reference=_reference(header.description),
        amplifier=_amplifier(header.description),
        impedances=_impedances(channels),
        no_electrodes=others,
        no_voltages=tuple(name for name in others if name in no_voltages),
    )
    findings = left_out({name: reasons[name] for name in others}, eeg)
    if not is_matched:
        findings.append(_unmatched(header, len(described)))
    else:
        findings += _called_alike(header, labels, types, eeg)
    return Description(spec, factors, tuple(findings))


def _unmatched(header: StreamHeader, n_described: int) -> InputFinding:
    return InputFinding(
        "channels unmatched",
        f"stream {header.name!r}",
        f"{n_described} channels are described, {header.n_channels} recorded, so labels and "
        "channels cannot be matched and each name may be another channel's",
        "correct the sender, or trust no name and no map of the head",
    )


def _called_alike(
    header: StreamHeader, labels: Sequence[str], types: Sequence[str], eeg: EegStream
) -> list[InputFinding]:
    known = {*labels, *eeg.rename, *eeg.exclude}
    brain = [name for name, kind in zip(_unique(labels), types, strict=True) if kind == "EEG"]
    # One that takes no part may be called as it likes.
    twice = [name for name in brain if name not in known]
    value = f"several channels have one label, so the others are called {some(twice)}"
    setting = "correct the sender, or say with eeg.rename which sensors they are"
    found = InputFinding("channels unmatched", f"stream {header.name!r}", value, setting)
    return [found] if twice else []


def _type(channel: ElementTree.Element | None, header: StreamHeader) -> str:
    """Return the type of a channel; EEG if it states none, or that of the stream."""
    stated = _field(channel, "type").upper()
    return "EEG" if stated in ("", header.type.upper()) else stated


def _no_voltages(
    names: Sequence[str], types: list[str], units: list[ChannelUnit]
) -> dict[str, str]:
    """Return what is wrong with the unit of channels that are called EEG, by name."""
    brain = [number for number, kind in enumerate(types) if kind == "EEG"]
    return {
        names[brain[place]]: f"the unit {units[brain[place]].word!r} is no voltage"
        for place in without_voltage([units[number] for number in brain])
    }


def _no_sensors(names: Sequence[str], types: list[str], others: Collection[str]) -> dict[str, str]:
    """Return the other channels that are called EEG and have no sensor's name."""
    brain = [name for name, kind in zip(names, types, strict=True) if kind == "EEG"]
    found = other_than_sensors([name for name in brain if name not in others])
    return dict.fromkeys(found, "no sensor's name")


def _take_part(
    names: Sequence[str], types: list[str], others: Sequence[str], eeg: EegStream
) -> list[int]:
    """Return the channels whose units decide: those that take part, else all."""
    asked = eeg.channels or [
        name
        for name, kind in zip(names, types, strict=True)
        if kind == "EEG" and name not in (*others, eeg.counter)
    ]
    chosen = [n for n, name in enumerate(names) if name in asked and name not in eeg.exclude]
    return chosen or list(range(len(names)))


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
        changed += [f"channels {some(missing)} are missing"] if missing else []
        changed += [f"channels {some(new)} are new"] if new else []
        changed += [] if missing or new else ["the channels are in another order"]
    if found.unit != expected.unit:
        changed.append(f"the unit is {found.unit} instead of {expected.unit}")
    return "; ".join(changed)


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


def _scaling(
    units: list[ChannelUnit], eeg: EegStream, factors: NDArray[np.float64] | None
) -> tuple[float, ...]:
    """Return the scaling factor of each channel; empty where none was applied."""
    found = tuple(unit.scaling for unit in units)
    applied = factors is not None and eeg.unit == "stated" and any(one != 1.0 for one in found)
    return found if applied else ()


def _label(channel: ElementTree.Element | None, number: int) -> str:
    """Return the label of a channel; without one, its number from 1."""
    return _field(channel, "label") or _field(channel, "name") or str(number)


def _unique(labels: Sequence[str]) -> tuple[str, ...]:
    """Return a unique name for each label."""
    names: list[str] = []
    seen: set[str] = set()
    copies: Counter[str] = Counter()
    for label in labels:
        name = label
        while name in seen:
            copies[label] += 1
            name = f"{label}-{copies[label] + 1}"
        names.append(name)
        seen.add(name)
    return tuple(names)


def _renamed(names: tuple[str, ...], eeg: EegStream) -> tuple[str, ...]:
    """Return the names that a configuration gives to channels."""
    renamed = tuple(eeg.rename.get(name, name) for name in names)
    if twice := sorted({name for name in renamed if renamed.count(name) > 1}):
        raise ConfigError(f"eeg.rename: two channels would be called {', '.join(twice)}")
    return renamed


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
