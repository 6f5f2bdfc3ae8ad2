"""The amplifier and the screen of `latency.py`: chunks and flashes in real time."""

import json
from typing import Any

import numpy as np
import psutil

from bci_online.acquisition.lsl import (
    MarkerOutlet,
    SampleOutlet,
    eeg_outlet,
    local_clock,
    session_source_id,
    wait_for_consumers,
)
from benchmarks.latency_ways import N_CODES, Cell

CHUNK = 8
FLASH_EVERY_S = 0.100, 0.175
# The filter settles, caches fill, clocks are measured.
WARM_S, PATIENCE_S = 6.0, 2.0
# Eight programs that start at once on two cores are slow to start.
MEET_S = 120.0


class Pusher:
    """The amplifier and the screen: real time, chunk by chunk.

    Parameters
    ----------
    cell : Cell
        What is pushed.
    way : str
        Who listens.
    """

    def __init__(self, cell: Cell, way: str) -> None:
        import pylsl

        self._cell = cell
        self._random = np.random.default_rng(0)
        self._eeg, self._texts = eeg_outlet(cell.spec), MarkerOutlet(cell.session)
        info = pylsl.StreamInfo("codes", "Codes", 1, 0.0, "int32", f"{cell.session}-codes")
        info.set_channel_labels(["code"])
        self._codes = SampleOutlet(info, "int32")
        self._by_code = way.startswith("mne-lsl")
        self._inlet: Any = None
        self.pushed: list[float] = []
        self.late: list[float] = []
        self.last_samples: list[int] = []
        self.decided: dict[int, float] = {}

    def meet(self) -> None:
        """Wait until both sides are connected to each other."""
        import pylsl

        if not wait_for_consumers(
            (self._eeg, self._codes if self._by_code else self._texts), MEET_S
        ):
            raise RuntimeError("nobody listens")
        # Not before: each search takes some fifty ports, and eight that wait for their engines take
        # all of the loopback's. A stream that opens then gets none, and is never found.
        source_id = session_source_id(self._cell.session, "decisions")
        found = pylsl.resolve_byprop("source_id", source_id, timeout=MEET_S)
        if not found:
            raise RuntimeError(f"stream {source_id!r} is not found")
        self._inlet = pylsl.StreamInlet(found[0], recover=False)
        self._inlet.open_stream(10)
        self._texts.push('layout/{"1":["A"]}')

    def push(self, seconds: float, process: psutil.Process) -> float:
        """Push for so many seconds of flashes; return the share of a core that decoding took."""
        sfreq, began = self._cell.sfreq, local_clock() + 0.1
        noise = self._random.normal(0, 10, (100 * CHUNK, self._cell.n_channels)).astype("f4")
        flash, last_flash = round(WARM_S * sfreq), round((WARM_S + seconds) * sfreq)
        until = last_flash + self._cell.n_window + round(PATIENCE_S * sfreq)
        busy = 0.0
        for start in range(0, until, CHUNK):
            due = began + (start + CHUNK) / sfreq
            self._receive(due)
            if flash < min(start + CHUNK, last_flash):
                # All that the decoding process did so far was to warm up.
                busy = busy or _busy(process)
                self._flash(flash, began)
                flash += round(self._random.uniform(*FLASH_EVERY_S) * sfreq)
            row = start % len(noise)
            stamps = began + np.arange(start, start + CHUNK) / sfreq
            self.pushed.append(local_clock())
            self.late.append(self.pushed[-1] - due)
            self._eeg.push(noise[row : row + CHUNK], stamps)
        return (_busy(process) - busy) / (until / sfreq - WARM_S)

    def end(self) -> None:
        """Say that the session is over."""
        self._texts.push("session/end/eof")

    def _flash(self, sample: int, began: float) -> None:
        # A little before its sample: mne-lsl begins with the next one, we with the nearest.
        at = began + (sample - self._random.uniform(0.05, 0.4)) / self._cell.sfreq
        self.last_samples.append(sample + self._cell.n_window - 1)
        trial = len(self.last_samples)
        self._texts.push(f"trial/start/{trial}/A", at)
        self._texts.push("flash/1/target", at)
        self._codes.push([[(trial - 1) % N_CODES + 1]], at)

    def _receive(self, until: float) -> None:
        """Wait for decisions, and for nothing else, until the clock says `until`."""
        while (left := until - local_clock()) > 0:
            sample, _ = self._inlet.pull_sample(timeout=left)
            now = local_clock()
            decision = {} if sample is None else json.loads(sample[0])
            # Until its first decision the stream only greets.
            if trial := decision.get("trial"):
                if self._by_code:
                    trial = range(trial, len(self.last_samples) + 1, N_CODES)[-1]
                self.decided.setdefault(trial, now)

    def latencies_ms(self) -> list[float]:
        """Return what each decided epoch took."""
        pushed = {n: self.pushed[last // CHUNK] for n, last in enumerate(self.last_samples, 1)}
        return [1000 * (now - pushed[trial]) for trial, now in self.decided.items()]


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
