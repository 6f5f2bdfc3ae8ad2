"""A day of stream time through the live engine, and half an hour of a real session.

    python -m benchmarks.faults.long_runs DECODER RECORDING HOURS

is the process whose memory is looked at: the engine as `bci-online run` builds it, its threads off,
as fast as it goes.
"""

import gc
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import psutil

from bci_online.acquisition.xdf import XdfSource
from bci_online.config import Live
from bci_online.decoding.decoder_file import read_decoder
from bci_online.messages import Chunk, ClockOffset, Marker, Reading
from bci_online.runtime.assembly import online_chain
from bci_online.runtime.engine import Engine
from bci_online.runtime.publisher import LivePublisher
from bci_online.runtime.tally import Tally
from benchmarks.faults.fault import SESSIONS, Fault, Group, Outcome
from benchmarks.faults.recorded import eeg_stamps, kept_summary, recording_in, traceback_in

if TYPE_CHECKING:
    from benchmarks.faults.stage import Stage

MB = 1 << 20
# In the first minutes caches and buffers fill, so memory grows.
WARM_S = 900.0
MOST_GROWTH_MB = 5.0
EEG_OFFSET, MARKERS_OFFSET = 0.0031, -0.0042
OFFSET_EVERY_S = 5.0
# One chunk in so many has a NaN, or lacks its first three samples.
NAN_EVERY, LOSS_EVERY = 97, 331


class Endless:
    """A recording again and again under stamps that go on; ``now`` is the stream's time.

    Samples are lost, some are NaN, a stranger sends markers, and both clocks are measured.
    """

    def __init__(self, recording: Path) -> None:
        source = XdfSource(recording)
        source.open()
        self.spec = source.spec
        self._readings = [_without_session(reading) for reading in iter(source.read, None)]
        self._period = source.n_samples / source.spec.sfreq
        source.close()
        self.first = next(float(c.stamps[0]) for r in self._readings for c in r.chunks)
        self.now, self._measured_at = self.first, 0.0
        self._at = self._round = self._n_chunks = self.n_lost = 0
        self._rng = np.random.default_rng(0)

    def read(self, timeout: float = 0.0) -> Reading:
        """Return the next reading at once."""
        if self._at == len(self._readings):
            self._at, self._round = 0, self._round + 1
        reading, shift = self._readings[self._at], self._round * self._period
        self._at += 1
        chunks = tuple(self._spoilt(chunk, shift) for chunk in reading.chunks)
        markers = tuple(Marker(m.text, m.time + shift, m.stream) for m in reading.markers)
        stranger = Marker(f"stranger {self._n_chunks}", self.now, "markers")
        return Reading(chunks, (*markers, stranger), self._offsets())

    def _spoilt(self, chunk: Chunk, shift: float) -> Chunk:
        data, stamps = chunk.data, chunk.stamps + shift
        self._n_chunks += 1
        self.now = float(stamps[-1])
        if self._n_chunks % NAN_EVERY == 0:
            data = data.copy()
            data[0, 0] = np.nan
        if self._n_chunks % LOSS_EVERY == 0:
            data, stamps = data[3:], stamps[3:]
            self.n_lost += 3
        return Chunk(data, stamps)

    def _offsets(self) -> tuple[ClockOffset, ...]:
        if self.now - self._measured_at < OFFSET_EVERY_S:
            return ()
        self._measured_at = self.now
        noise = 1e-5 * self._rng.normal(size=2)
        return (
            ClockOffset("eeg", self.now, EEG_OFFSET + float(noise[0])),
            ClockOffset("markers", self.now, MARKERS_OFFSET + float(noise[1])),
        )


def _without_session(reading: Reading) -> Reading:
    """Leave out the start and the end, which come once in a session."""
    markers = tuple(m for m in reading.markers if not m.text.startswith("session/"))
    return msgspec.structs.replace(reading, markers=markers)


class Silence:
    """An outlet to nobody."""

    def push(self, text: str, stamp: float | None = None) -> float:
        """Count nothing, keep nothing."""
        return 0.0


def soak(decoder_file: str, recording: str, hours: str) -> None:
    """Let the engine run for so many hours of stream time; the last line is what it came to."""
    decoder, endless = read_decoder(Path(decoder_file)), Endless(Path(recording))
    chain, paradigm = online_chain(decoder, endless.spec)
    tally = Tally(decoder.header, chain.translator.rules)
    live = Live(max_data_age=1e9, silent_after=1e9, lost_after=1e9)
    publisher = LivePublisher(
        tally, decoder.header.preprocessing.scored_s, lambda: endless.now, live, Silence(),
        Silence(), lambda message, row: None, paradigm.trial_evidence,
    )  # fmt: skip
    engine = Engine(endless, chain, publisher, lambda: endless.now, live)
    length, said, warm_mb = 3600 * float(hours), 0.0, 0.0
    while (passed := endless.now - endless.first) < length:
        engine.step()
        if passed < said:
            continue
        said += WARM_S
        gc.collect()
        used = psutil.Process().memory_info().rss / MB
        warm_mb = used if passed < 2 * WARM_S else warm_mb
        summary = tally.summary(chain, 0.0, 0.0, 0.0)
        found = {
            "hours": passed / 3600, "mb": used, "grew": used - warm_mb,
            "lost": endless.n_lost, "told": summary.lost_samples, "letters": summary.presented,
            "auc": summary.auc, "cpu_s": time.process_time(),
        }  # fmt: skip
        print(json.dumps(found), flush=True)


def soaked(stage: "Stage", number: int) -> Outcome:
    """Run a day of stream time in a process of its own."""
    program = stage.start(
        "benchmarks.faults.long_runs", stage.decoder, stage.recording, stage.hours
    )
    program.ended(24 * 3600.0)
    found = program.rows()
    if not found or program.code != 0:
        return Outcome(wrong=f"the engine ended: {program.text[-300:]}")
    last = found[-1]
    wrong = ""
    if abs(last["grew"]) > MOST_GROWTH_MB:
        wrong = f"memory grew by more than {MOST_GROWTH_MB:g} MB"
    elif last["told"] != last["lost"]:
        wrong = f"{last['told']} samples were reported as lost, {last['lost']} were"
    facts = {"hours": last["hours"], "grew": last["grew"], "letters": float(last["letters"]),
             "cpu": last["cpu_s"]}  # fmt: skip
    return Outcome(lost=float(last["told"]), facts=facts, wrong=wrong)


def in_real_time(stage: "Stage", number: int) -> Outcome:
    """Spell for half an hour with every process of a session, and look at all of them."""
    folder = stage.empty(f"real-time-{number}")
    word = "BRAINWAVES" * max(1, round(1.4 * stage.real_minutes))
    program = stage.recording_session("spell", folder / "session", word)
    began, warm, last = time.monotonic(), {}, {}
    while program.code is None and time.monotonic() - began < 60 * stage.real_minutes:
        time.sleep(5.0)
        last = _memory(program.parts()) or last
        if not warm and time.monotonic() - began > min(180.0, 20 * stage.real_minutes):
            warm = last
    program.interrupt()
    ended = program.ended(60.0)
    (folder / "output.txt").write_text(program.text, encoding="utf-8")
    grew = {name: last[name] - warm[name] for name in warm if name in last}
    # A Ctrl-C ends it, so the summary is not said.
    summary = kept_summary(folder)
    engine = summary.get("engine") or {}
    alarms = [row["text"] for row in program.rows() if row.get("level") == "alarm"]
    # Where the computer is busy with other things, data wait, which is said.
    others = [text for text in alarms if not text.startswith("data are")]
    path = recording_in(folder)
    stamps = eeg_stamps(path) if path else np.empty(0)
    longest = float(np.diff(stamps).max()) if stamps.size > 1 else float("nan")
    wrong = ""
    if found := traceback_in(folder, program.text):
        wrong = found
    elif ended is None:
        wrong = "it did not end"
    elif others:
        wrong = f"alarms: {'; '.join(dict.fromkeys(others))[:300]}"
    elif max(grew.values(), default=0.0) > MOST_GROWTH_MB:
        wrong = f"memory grew: {', '.join(f'{k} {v:.1f} MB' for k, v in grew.items())}"
    facts: dict[str, float | str] = {
        "hours": (time.monotonic() - began) / 3600,
        "grew": max(grew.values(), default=0.0),
        "letters": float(engine.get("presented") or 0),
        "old": float(len(alarms) - len(others)),
    }
    return Outcome(
        lost=float(engine.get("lost_samples") or 0), facts=facts, wrong=wrong,
        note=f"right {engine.get('correct')} of {engine.get('known')}, latency "
        f"{engine.get('latency_ms')}, longest step of stamps {longest:.3f} s",
    )  # fmt: skip


def _memory(parts: dict[str, psutil.Process]) -> dict[str, float]:
    found = {}
    for name, process in parts.items():
        try:
            found[name] = process.memory_info().rss / MB
        except psutil.Error:
            continue
    return found


TEXT = f"""\
A day of stream time: a recording goes through the live engine again and again, one chunk in
{LOSS_EVERY} lacks three samples, one in {NAN_EVERY} holds a NaN, a stranger sends markers. Half an
hour of real time: `spell --simulate` with all its processes; the one that grew most counts. Memory
is that of the process, after the first quarter of an hour of stream time or the first three minutes
of real time. Right means: at most {MOST_GROWTH_MB:g} MB more, losses reported with their exact
count, no alarm but of old data, which a busy computer causes. `--hours` and `--real-minutes` say
how long.
"""
LONG_RUNS = Group(
    "long", "Long runs", TEXT,
    (
        Fault("stream-time", "a day of stream time", soaked),
        Fault("real-time", "half an hour of real time", in_real_time),
    ),
    lost="samples",
    columns={"hours": "hours", "grew by, MB": "grew", "letters": "letters",
             "processor time, s": "cpu", "alarms of old data": "old"},
    tried=("benchmarks.faults.long_runs", *SESSIONS),
)  # fmt: skip

if __name__ == "__main__":
    soak(*sys.argv[1:])
