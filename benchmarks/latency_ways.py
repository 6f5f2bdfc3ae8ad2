"""What `latency.py` measures: the streams, and the ways to decode them.

    python -m benchmarks.latency_ways WAY CHANNELSxHZ

decodes in a way that is not ours, until killed; ours is `bci-online run`.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bci_online.acquisition.lsl import session_outlet, session_source_id
from bci_online.config import DecoderHeader, EpochSpec, FilterSpec, Preprocessing, Stopping
from bci_online.messages import StreamSpec

EPOCH, BAND = EpochSpec(), FilterSpec()
N_CODES = 64
SESSION = "latency"
WAYS = {
    "bci-online": "bci-online run",
    "mne-lsl 1": "mne-lsl, 1 ms",
    "mne-lsl 5": "mne-lsl, 5 ms",
    "bare": "bare loop (floor)",
}


@dataclass(frozen=True)
class Cell:
    """A stream and its epochs."""

    n_channels: int
    sfreq: int
    session: str = SESSION

    @classmethod
    def of(cls, shape: str, session: str = SESSION) -> "Cell":
        """Return the cell of a shape such as ``64x512``."""
        n_channels, sfreq = map(int, shape.split("x"))
        return cls(n_channels, sfreq, session)

    @property
    def n_window(self) -> int:
        """Samples from an epoch's onset to its last."""
        return int(np.ceil(EPOCH.latencies[-1] * self.sfreq - 1e-6)) + 1

    @property
    def spec(self) -> StreamSpec:
        """What the stream says of itself."""
        return StreamSpec(
            name=f"{self.session}-eeg",
            sfreq=self.sfreq,
            ch_names=tuple(f"E{n}" for n in range(self.n_channels)),
            ch_types=("EEG",) * self.n_channels,
            source_id=f"{self.session}-eeg",
            unit="microvolts",
        )

    @property
    def weights(self) -> np.ndarray:
        """A linear decoder's, shape (n_channels, n_latencies)."""
        shape = self.n_channels, EPOCH.latencies.size
        return np.random.default_rng(1).normal(size=shape)


def write_own_decoder(path: Path, cell: Cell) -> None:
    """Write a decoder file that decides after every flash."""
    from bci_online.decoding.decoder_file import write_decoder

    preprocessing = Preprocessing(
        ch_names=cell.spec.ch_names, sfreq=cell.sfreq, unit="microvolts", filter=BAND, epoch=EPOCH
    )
    stopping = Stopping(min_repetitions=1, max_repetitions=1)
    header = DecoderHeader(method="none", preprocessing=preprocessing, stopping=stopping)
    loudness = 10 * np.sqrt(2 * (BAND.h_freq - BAND.l_freq) / cell.sfreq)
    arrays = {
        "coef": cell.weights,
        "center": np.zeros_like(cell.weights),
        "scale": np.ones(cell.n_channels),
        "intercept": np.zeros(1),
        "limits": np.full(cell.n_channels, 1e6),
        "band_rms": np.full(cell.n_channels, loudness),
    }
    write_decoder(path, header, arrays)


def decode_bare(cell: Cell) -> Iterator[int]:
    """Wait for one sample, drain, process nothing."""
    import pylsl

    (eeg,) = pylsl.resolve_byprop("source_id", cell.spec.source_id, timeout=10)
    (marks,) = pylsl.resolve_byprop("source_id", session_source_id(SESSION, "markers"), timeout=10)
    samples, markers = pylsl.StreamInlet(eeg), pylsl.StreamInlet(marks)
    buffer = np.empty((4096, cell.n_channels), np.float32)
    waiting: list[tuple[int, float]] = []
    samples.open_stream(10)
    markers.open_stream(10)
    while True:
        _, stamps = samples.pull_chunk(1.0, max_samples=1, dest_obj=buffer[:1])
        if not stamps:
            continue
        stamps += samples.pull_chunk(0.0, max_samples=4095, dest_obj=buffer[1:])[1]
        texts, times = markers.pull_chunk(0.0)
        for (text,), at in zip(texts, times, strict=True):
            if text.startswith("trial"):
                waiting.append((int(text.split("/")[2]), at))
        while waiting and stamps[-1] > waiting[0][1] + (cell.n_window - 1) / cell.sfreq:
            yield waiting.pop(0)[0]


def decode_mne_lsl(cell: Cell, delay: float) -> Iterator[int]:
    """Filter, cut and score as mne-lsl's documentation does, polling every `delay` seconds."""
    from mne_lsl.stream import EpochsStream, StreamLSL

    stream = StreamLSL(bufsize=2, source_id=cell.spec.source_id)
    stream.connect(acquisition_delay=delay, timeout=10)
    events = StreamLSL(bufsize=N_CODES, source_id="latency-codes")
    events.connect(acquisition_delay=delay, timeout=10)
    butterworth = {"order": BAND.order, "ftype": "butter", "output": "sos"}
    stream.filter(BAND.l_freq, BAND.h_freq, iir_params=butterworth)
    codes = {str(code): code for code in range(1, N_CODES + 1)}
    # Half a sample less than the window, which mne-lsl rounds up.
    tmax = (cell.n_window - 0.5) / cell.sfreq
    epochs = EpochsStream(
        stream, 10, codes, "code", events, tmin=0, tmax=tmax, baseline=None
    ).connect(acquisition_delay=delay)
    latencies = np.round(EPOCH.latencies * cell.sfreq).astype(int)
    weights = cell.weights
    while True:
        n_new = epochs.n_new_epochs
        if not n_new:
            time.sleep(delay)
            continue
        data = epochs.get_data(n_epochs=n_new)
        for epoch, code in zip(data, epochs.events[-n_new:], strict=True):
            np.vdot(weights, epoch[:, latencies])
            yield int(code)


def decode(way: str, cell: Cell) -> None:
    """Send a decision for each epoch that a way finishes, until killed."""
    outlet = session_outlet(SESSION, "decisions")
    bare = way == "bare"
    found = decode_bare(cell) if bare else decode_mne_lsl(cell, float(way.split()[1]) / 1000)
    for trial in found:
        outlet.push(json.dumps({"type": "decision", "trial": trial}))


if __name__ == "__main__":
    decode(sys.argv[1], Cell.of(sys.argv[2]))
