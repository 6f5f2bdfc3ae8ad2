"""Small recordings written for a test, and read through XdfSource."""

from pathlib import Path

import numpy as np
import pytest

from bci_online.acquisition.xdf import XdfSource
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import RecordingError
from bci_online.messages import Reading

STAMPS = 1000 + np.arange(1000) / 100
SAMPLES = np.random.default_rng(1).normal(size=(1000, 3)).astype(np.float32)
AMPLIFIER = XdfStream(
    "amp", "EEG", 100.0, STAMPS, SAMPLES, ch_names=("Fz", "Cz", "Pz"), unit="microvolts",
    offsets=[(1000 + 2 * k, 0.1 + k / 1000) for k in range(5)], source_id="amp-1",
)  # fmt: skip
EVENTS = XdfStream(
    "events", "Markers", 0.0, 900 + 0.25 + np.arange(39) / 4, [f"m{k}" for k in range(39)],
    offsets=[(900 + 2 * k, 100.1 - k / 1000) for k in range(5)],
)  # fmt: skip


def written(folder: Path, *streams: XdfStream) -> Path:
    write_xdf(folder / "recording.xdf", streams)
    return folder / "recording.xdf"


def readings_of(source: XdfSource) -> list[Reading]:
    source.open()
    readings = []
    while (reading := source.read()) is not None:
        readings.append(reading)
    return readings


def read(path: Path, eeg=None, markers=None, **options) -> list[Reading]:
    return readings_of(XdfSource(path, eeg or EegStream(), markers or MarkerStream(), **options))


def joined(readings: list[Reading]) -> tuple[np.ndarray, np.ndarray]:
    chunks = [chunk for reading in readings for chunk in reading.chunks]
    return (
        np.concatenate([chunk.data for chunk in chunks]),
        np.concatenate([chunk.stamps for chunk in chunks]),
    )


def texts(readings: list[Reading]) -> list[str]:
    return [marker.text for reading in readings for marker in reading.markers]


def refusal(path: Path, eeg=None, markers=None) -> str:
    with pytest.raises(RecordingError) as refused:
        read(path, eeg, markers)
    message = str(refused.value)
    assert "\n" not in message
    assert path.name in message
    return message


def outcome(path: Path, eeg=None) -> list[Reading] | str:
    """Return what is read, or the one line that says why nothing is; anything else is an error."""
    try:
        return read(path, eeg)
    except RecordingError as error:
        return str(error)


def corpus(data_dir: Path) -> list[Path]:
    return sorted(p for f in ("xdf_corpus", "lsl_recordings") for p in (data_dir / f).iterdir())
