"""A simulated session as other programs and amplifiers would have recorded it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from simulated_files import recording

from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.runtime.whole_recording import WholeRecording, read_whole

SFREQ = 128.0
CH_NAMES = ("Cz", "Pz", "PO7", "PO8")
N_FLASHES, N_TARGETS = 216, 36


@cache
def session() -> WholeRecording:
    """Return a session in which three letters are copied."""
    return read_whole(recording())


def times() -> np.ndarray:
    return session().times


def signal() -> np.ndarray:
    """Return the signal in microvolts, (n_samples, 4)."""
    return np.asarray(session().data, dtype=np.float64)


def amplifier(data=None, **changes) -> XdfStream:
    """Return the stream of the EEG, with some of its fields changed."""
    fields = {
        "name": "amp", "type": "EEG", "sfreq": SFREQ, "stamps": times(),
        "data": signal() if data is None else data, "ch_names": CH_NAMES, "unit": "microvolts",
    } | changes  # fmt: skip
    return XdfStream(**fields)


def events() -> list[tuple[float, str]]:
    """Return times and texts of flashes and trials."""
    return [(at, text) for at, text in session().events if text.startswith(("flash", "trial"))]


def markers(said: Sequence[tuple[float, str]] | None = None, **changes) -> XdfStream:
    """Return the stream of the markers, with other texts or fields."""
    stamps, texts = zip(*(events() if said is None else said), strict=True)
    fields = {"name": "screen", "type": "Markers", "sfreq": 0.0, "stamps": stamps}
    return XdfStream(**(fields | {"data": list(texts)} | changes))


def written(folder: Path, *streams: XdfStream) -> Path:
    write_xdf(folder / "foreign.xdf", streams)
    return folder / "foreign.xdf"
