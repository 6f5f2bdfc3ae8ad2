"""What can be wrong with a recording: changes of a sound one, and how each should be named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from bci_online.acquisition.xdf.writer import XdfStream
from benchmarks.field_halves import EEG_OFFSET_S, MARKER_OFFSET_S, Half

Rng = np.random.Generator


def _with_channel(half: Half, name: str, line: Any) -> Half:
    data = np.column_stack([half.data, line]).astype(np.float32)
    names, types = (*half.ch_names, name), (*half.ch_types, "EEG")
    return replace(half, data=data, ch_names=names, ch_types=types)


def _changed(half: Half, change: Callable[[Any], None]) -> Half:
    data = half.data.copy()
    change(data)
    return replace(half, data=data)


def _channel(half: Half, rng: Rng) -> int:
    return int(rng.integers(len(half.ch_names)))


def _pulses(half: Half, word: str, n_times: int) -> Any:
    line = np.zeros(len(half.data))
    chosen = [n for n in half.flashes if half.texts[n].endswith(word)]
    for sample in half.samples_of(chosen).tolist():
        line[sample : sample + n_times] = 1
    return line


def _rate_misstated(halves: list[Half], rng: Rng) -> list[Half]:
    factor = float(rng.choice([0.5, 0.78, 1.28, 2.0]))
    return [replace(half, stated_sfreq=half.sfreq * factor) for half in halves]


def _unit_misstated(halves: list[Half], rng: Rng) -> list[Half]:
    is_small = rng.random() < 0.5
    factor, unit = (1e-6, "microvolts") if is_small else (1.0, "millivolts")
    return [replace(half, data=half.data * np.float32(factor), unit=unit) for half in halves]


def _other_gain_in_one(halves: list[Half], rng: Rng) -> list[Half]:
    gain = np.float32(rng.choice([0.04, 24.0, 1000.0]))
    return [halves[0], replace(halves[1], data=halves[1].data * gain)]


def _channels_swapped_in_one(halves: list[Half], rng: Rng) -> list[Half]:
    one, other = rng.choice(len(halves[0].ch_names), 2, replace=False)
    data = halves[1].data.copy()
    data[:, [one, other]] = data[:, [other, one]]
    return [halves[0], replace(halves[1], data=data)]


def _channel_flat(halves: list[Half], rng: Rng) -> list[Half]:
    channel, value = _channel(halves[0], rng), rng.choice([0.0, -187.5])

    def flatten(data: Any) -> None:
        data[:, channel] = value

    return [_changed(half, flatten) for half in halves]


def _channel_without_numbers(halves: list[Half], rng: Rng) -> list[Half]:
    channel = _channel(halves[0], rng)

    def erase(data: Any) -> None:
        data[:, channel] = np.nan

    return [_changed(half, erase) for half in halves]


def _channel_of_triggers(halves: list[Half], rng: Rng) -> list[Half]:
    size = rng.choice([1.0, 100.0])
    return [_with_channel(half, "T9", size * _pulses(half, "/target", 8)) for half in halves]


def _labels_in_an_electrode(halves: list[Half], rng: Rng) -> list[Half]:
    channel = _channel(halves[0], rng)
    found = []
    for half in halves:
        size = 6 * float(np.nanstd(np.diff(half.data[:, channel]))) * np.sqrt(half.sfreq / 10)
        line = size * _pulses(half, "/target", max(2, round(0.2 * half.sfreq)))

        def add(data: Any, line: Any = line) -> None:
            data[:, channel] += line

        found.append(_changed(half, add))
    return found


def _channel_that_counts(halves: list[Half], rng: Rng) -> list[Half]:
    modulus = int(rng.choice([128, 256, 65536]))
    return [_with_channel(half, "T9", np.arange(len(half.data)) % modulus) for half in halves]


def _markers_doubled(halves: list[Half], rng: Rng) -> list[Half]:
    found = []
    for half in halves:
        late = half.marker_stamps + rng.uniform(0.0, 0.002)
        again = XdfStream(
            "markers-2", "Markers", 0.0, late, list(half.texts),
            offsets=[(float(late[0]), MARKER_OFFSET_S)],
        )  # fmt: skip
        found.append(replace(half, others=(again,)))
    return found


def _markers_shifted(halves: list[Half], rng: Rng) -> list[Half]:
    shift = rng.choice([-1, 1]) * rng.uniform(0.4, 1.0)
    return [replace(half, marker_stamps=half.marker_stamps + shift) for half in halves]


def _markers_shifted_in_one(halves: list[Half], rng: Rng) -> list[Half]:
    shift = rng.choice([-1, 1]) * rng.uniform(0.1, 0.6)
    return [halves[0], replace(halves[1], marker_stamps=halves[1].marker_stamps + shift)]


def _markers_lost(halves: list[Half], rng: Rng) -> list[Half]:
    found = []
    for half in halves:
        is_lost = np.array([text.startswith("flash/") for text in half.texts])
        is_lost &= rng.random(len(half.texts)) < 1 / 3
        texts = tuple(text for text, lost in zip(half.texts, is_lost, strict=True) if not lost)
        found.append(replace(half, marker_stamps=half.marker_stamps[~is_lost], texts=texts))
    return found


def _markers_numeric(halves: list[Half], rng: Rng) -> list[Half]:
    base = int(rng.choice([0, 100]))
    codes = dict.fromkeys(text for half in halves for text in half.texts)
    numbers = {text: str(base + n) for n, text in enumerate(codes, start=1)}
    return [replace(half, texts=tuple(numbers[text] for text in half.texts)) for half in halves]


def _labels_one_flash_late(halves: list[Half], rng: Rng) -> list[Half]:
    found = []
    for half in halves:
        texts = [*half.texts]
        for before, after in zip(half.flashes[:-1], half.flashes[1:], strict=True):
            code = half.texts[after].split("/")[1]
            texts[after] = f"flash/{code}/{half.texts[before].split('/')[2]}"
        found.append(replace(half, texts=tuple(texts)))
    return found


def _codes_off_by_one(halves: list[Half], rng: Rng) -> list[Half]:
    shift = int(rng.choice([-1, 1]))
    found = []
    for half in halves:
        texts = [*half.texts]
        for n in half.flashes:
            texts[n] = f"flash/{max(0, int(texts[n].split('/')[1]) + shift)}/unknown"
        found.append(replace(half, texts=tuple(texts)))
    return found


def _stamps_jittered(halves: list[Half], rng: Rng) -> list[Half]:
    return [
        replace(half, stamps=np.sort(half.stamps + rng.exponential(0.004, len(half.stamps))))
        for half in halves
    ]


def _stamps_stepped(halves: list[Half], rng: Rng) -> list[Half]:
    step = rng.choice([-1, 1]) * rng.uniform(0.8, 4.0)
    stamps = halves[1].stamps.copy()
    stamps[len(stamps) // 3 :] += step
    return [halves[0], replace(halves[1], stamps=stamps)]


def _stamps_wild(halves: list[Half], rng: Rng) -> list[Half]:
    stamps = halves[1].stamps.copy()
    start = int(rng.integers(len(stamps) // 4, 3 * len(stamps) // 4))
    stamps[start : start + round(halves[1].sfreq)] += rng.choice([-2e5, 2e5])
    return [halves[0], replace(halves[1], stamps=stamps)]


def _stamps_stalled(halves: list[Half], rng: Rng) -> list[Half]:
    stamps = halves[1].stamps.copy()
    for start in np.sort(rng.choice(len(stamps) - 1000, 5, replace=False)).tolist():
        stop = start + round(rng.uniform(0.6, 1.5) * halves[1].sfreq)
        stamps[start:stop] = stamps[min(stop, len(stamps) - 1)]
    return [halves[0], replace(halves[1], stamps=stamps)]


def _samples_lost(halves: list[Half], rng: Rng) -> list[Half]:
    found = []
    for half in halves:
        kept = np.ones(len(half.data), dtype=bool)
        for start in rng.choice(len(half.data), 40, replace=False).tolist():
            kept[start : start + round(rng.uniform(0.2, 1.0) * half.sfreq)] = False
        found.append(replace(half, data=half.data[kept], stamps=half.stamps[kept]))
    return found


def _clocks_never_compared(halves: list[Half], rng: Rng) -> list[Half]:
    away = 1.7e9 + float(rng.integers(1_000_000))
    return [replace(half, stamps=half.stamps + away, has_offsets=False) for half in halves]


def _polarity_in_one(halves: list[Half], rng: Rng) -> list[Half]:
    return [halves[0], replace(halves[1], data=-halves[1].data)]


def _mains(halves: list[Half], rng: Rng) -> list[Half]:
    found = []
    chosen = rng.random(len(halves[0].ch_names)) < 0.5
    for half in halves:
        size = 5 * float(np.nanstd(half.data[:, 0]))
        wave = size * np.sin(2 * np.pi * 50 * np.arange(len(half.data)) / half.sfreq)

        def add(data: Any, wave: Any = wave) -> None:
            data[:, chosen] += wave[:, None].astype(np.float32)

        found.append(_changed(half, add))
    return found


def _second_eeg_stream(halves: list[Half], rng: Rng) -> list[Half]:
    found = []
    for half in halves:
        other = XdfStream(
            "amp", "EEG", half.stated_sfreq, half.stamps,
            rng.normal(size=half.data.shape).astype(np.float32), half.ch_names, half.unit,
            offsets=[(float(half.stamps[0]), EEG_OFFSET_S)], source_id="other",
        )  # fmt: skip
        found.append(replace(half, others=(other,)))
    return found


class Change(NamedTuple):
    """A change, and the words (a regular expression) that name its cause."""

    name: str
    make: Callable[[list[Half], Rng], list[Half]]
    cause: str


CHANGES = [
    Change("rate misstated", _rate_misstated, "its rate is taken for"),
    Change("unit misstated", _unit_misstated, "that is no EEG in"),
    Change("other gain in one", _other_gain_in_one, "signals differ in size|that is no EEG in"),
    Change("channels swapped in one", _channels_swapped_in_one, "swapped"),
    Change("channel flat", _channel_flat, "flat from beginning"),
    Change("channel without numbers", _channel_without_numbers, "no numbers"),
    Change(
        "channel of triggers", _channel_of_triggers, "T9.*resting but for pulses|T9.*tells targets"
    ),
    Change(
        "labels in an electrode", _labels_in_an_electrode, "tells targets from others|of the weight"
    ),
    Change("channel that counts", _channel_that_counts, "T9: counting"),
    Change("markers doubled", _markers_doubled, "report the same events"),
    Change("markers shifted", _markers_shifted, "response is strongest|markers come"),
    Change("markers shifted in one", _markers_shifted_in_one, "responses come"),
    Change("markers lost", _markers_lost, "markers are missing"),
    Change("markers numeric", _markers_numeric, "not in the grammar"),
    Change("labels one flash late", _labels_one_flash_late, "label"),
    Change(
        "codes off by one",
        _codes_off_by_one,
        "is added to each|is subtracted from each|no flash says whether",
    ),
    Change("stamps jittered", _stamps_jittered, "stamps"),
    Change("stamps stepped", _stamps_stepped, "stamps stepped|jumped|gap"),
    Change("stamps wild", _stamps_wild, "gap|stamps"),
    Change("stamps stalled", _stamps_stalled, "gap|stamps"),
    Change("samples lost", _samples_lost, "gap"),
    Change("clocks never compared", _clocks_never_compared, "never compared"),
    Change("polarity in one", _polarity_in_one, "upside down|inverted"),
    Change("mains", _mains, "mains"),
    Change("second eeg stream", _second_eeg_stream, "could be the EEG"),
]
