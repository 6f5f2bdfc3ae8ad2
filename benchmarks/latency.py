"""How long from the last chunk of an epoch to its decision, over LSL on one computer.

    python benchmarks/latency.py [--seconds 50] [--cells 64x512 256x2048] [--output docs/benchmark-latency.md]

A process pushes chunks of 8 samples (float32) when they would have been measured, with their
stamps, and a flash every 100-175 ms at a random phase; each flash is a trial of its own, so that
each epoch (0 to 0.75 s) must give one decision. The same process receives the decisions from LSL:
a latency begins before the push of the chunk that holds the epoch's last sample, and ends with the
decision's JSON. Lost are epochs without a decision, or decided without having been scored. CPU is
that of the decoding process with its threads, as a share of one core.

The ways: `bci-online run --json -` as users run it; mne-lsl as its documentation decodes (two
`StreamLSL`, the same Butterworth, `EpochsStream`, a loop), with acquisition delays of 1 and 5 ms
everywhere; and a bare loop that blocks in `pull_chunk` for one sample, drains, and processes
nothing: the floor. Each measurement is a pair of processes of its own, the ways in turn.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import psutil

from bci_online.acquisition.lsl import (
    CONFIG_VARIABLE,
    TextOutlet,
    eeg_outlet,
    loopback_config,
    session_outlet,
    session_source_id,
    wait_for_consumers,
)
from bci_online.config import DecoderHeader, EpochSpec, FilterSpec, Preprocessing, Stopping
from bci_online.messages import StreamSpec

CELLS = tuple((n_channels, sfreq) for n_channels in (8, 64, 256) for sfreq in (256, 512, 2048))
CHUNK = 8
EPOCH, BAND = EpochSpec(), FilterSpec()
FLASH_EVERY_S = 0.100, 0.175
# The filter settles, caches fill, clocks are measured.
WARM_S, PATIENCE_S = 6.0, 2.0
N_CODES = 64
SESSION = "latency"


@dataclass
class Figures:
    """What one measurement found."""

    latency_ms: list[float] = field(default_factory=list)
    cpu: float = 0.0
    epochs: int = 0
    lost: int = 0
    late_ms: float = 0.0


@dataclass(frozen=True)
class Cell:
    """A stream and its epochs."""

    n_channels: int
    sfreq: int

    @property
    def n_window(self) -> int:
        """Samples from an epoch's onset to its last."""
        return int(np.ceil(EPOCH.latencies[-1] * self.sfreq - 1e-6)) + 1

    @property
    def spec(self) -> StreamSpec:
        """What the stream says of itself."""
        return StreamSpec(
            name="latency-eeg",
            sfreq=self.sfreq,
            ch_names=tuple(f"E{n}" for n in range(self.n_channels)),
            ch_types=("EEG",) * self.n_channels,
            source_id="latency-eeg",
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


# The decoding side: ways that are not ours run `--decode WAY`, in a process of their own.


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
    found = decode_bare(cell) if way == "bare" else decode_mne_lsl(cell, float(way) / 1000)
    for trial in found:
        outlet.push(json.dumps({"type": "decision", "trial": trial}))


# The pushing side.


class Flashes:
    """Sends flashes when their time has come, and remembers the last sample of their epochs."""

    def __init__(self, cell: Cell, began: float) -> None:
        self._cell, self._began = cell, began
        self._random = np.random.default_rng(0)
        self._next = round(WARM_S * cell.sfreq)
        self.last_samples: list[int] = []

    def until(self, sample: int, texts: TextOutlet, codes: Callable[[int, float], None]) -> None:
        """Send the flashes before `sample`."""
        while self._next < sample:
            trial = len(self.last_samples) + 1
            # A little before its sample: mne-lsl begins with the next one, we with the nearest.
            share = self._random.uniform(0.05, 0.4)
            at = self._began + (self._next - share) / self._cell.sfreq
            texts.push(f"trial/start/{trial}/A", at)
            texts.push("flash/1/target", at)
            codes((trial - 1) % N_CODES + 1, at)
            self.last_samples.append(self._next + self._cell.n_window - 1)
            self._next += round(self._random.uniform(*FLASH_EVERY_S) * self._cell.sfreq)


def measure(way: str, cell: Cell, seconds: float) -> Figures:
    """Push for so many seconds, and receive."""
    folder = Path(tempfile.mkdtemp(prefix="latency-"))
    os.environ[CONFIG_VARIABLE] = str(loopback_config(folder, f"latency-{os.getpid()}"))
    import pylsl

    os.environ["MNE_LSL_LIB"] = str(next((Path(pylsl.__file__).parent / "lib").glob("liblsl.so")))
    eeg, texts = eeg_outlet(cell.spec), session_outlet(SESSION, "markers")
    outlets: list[object] = [eeg, texts]

    def send_code(code: int, at: float) -> None:
        """Only mne-lsl reads numbers."""

    if way not in ("bci-online", "bare"):
        info = pylsl.StreamInfo("codes", "Stim", 1, 0.0, "float32", "latency-codes")
        info.set_channel_labels(["code"])
        code_outlet = pylsl.StreamOutlet(info)

        def send_code(code: int, at: float) -> None:
            code_outlet.push_sample([code], at)

    with open(folder / "out", "w+b") as out, subprocess.Popen(
        command_of(way, cell, folder), stdout=out, stdin=subprocess.DEVNULL
    ) as process:
        try:
            found = pylsl.resolve_byprop(
                "source_id", session_source_id(SESSION, "decisions"), timeout=30
            )
            inlet = pylsl.StreamInlet(found[0], recover=False)
            inlet.open_stream(10)
            texts_heard = [eeg, texts] if way in ("bci-online", "bare") else [eeg]
            if not wait_for_consumers(texts_heard, 30):
                raise RuntimeError(f"{way}: nobody listens")
            # Those who look around first, or connect to one stream after the other.
            time.sleep(2.0)
            figures = push(cell, seconds, (eeg, texts, send_code), inlet, process.pid)
            texts.push("session/end/eof", pylsl.local_clock())
            if way == "bci-online":
                process.wait(10)
                out.seek(0)
                count_rejected(figures, out.read())
        finally:
            process.kill()
    return figures
