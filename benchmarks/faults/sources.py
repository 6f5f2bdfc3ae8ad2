"""Amplifiers and marker programs that die, return, change, double, or freeze, beside `run`."""

import json
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from benchmarks.faults.fault import Fault, Group, Outcome
from benchmarks.faults.program import Program
from benchmarks.faults.recorded import traceback_in
from benchmarks.faults.stage import Skipped, Stage

PEER = Path(__file__).with_name("peer.py")
TOLD_S, AWAY_S, READY_S, ENDS_S = 1.0, 3.0, 60.0, 20.0
CHANNELS = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
CHANGED = {
    "channels": f"[simulation]\nch_names = {json.dumps(CHANNELS[:7])}\n",
    "rate": "[simulation]\nsfreq = 500.0\n",
}


class Run:
    """`bci-online run` on an amplifier that is a separate program, and what it says."""

    def __init__(self, stage: Stage, name: str, lost_after: float = 20.0) -> None:
        self._stage = stage
        self.folder = stage.empty(name)
        # Streams of one trial never meet those of another.
        self.session = f"s{random.SystemRandom().randrange(1 << 32):08x}"
        self.config = self.folder / "run.toml"
        eeg = f'[eeg]\nname = "bci-online/{self.session}/eeg"\n'
        text = f"{eeg}[live]\nlost_after = {lost_after}\n"
        self.config.write_text(text, encoding="utf-8")

    def amplifier(self, more: str = "") -> Program:
        """Start the amplifier; `more` changes its configuration."""
        path = self.folder / "amplifier.toml"
        path.write_text(more or self._stage.speller.read_text(), encoding="utf-8")
        return self._stage.start(
            "bci_online", "simulate", "--config", path, "--session", self.session
        )

    def begin(self) -> Program:
        """Start the run, and wait until it decodes."""
        program = self._stage.start(
            "bci_online", "run", "--decoder", self._stage.decoder, "--config", self.config,
            "--json", "-",
        )  # fmt: skip
        if program.wait_for("ready", timeout=READY_S) is None:
            raise Skipped(f"the run did not begin: {program.text[-200:]}")
        return program

    def peer(self) -> Program | None:
        """Start mne-lsl on the same amplifier; None where there is no interpreter that has it."""
        if self._stage.peer is None:
            return None
        stream = f"bci-online/{self.session}/eeg"
        program = self._stage.start(PEER, stream, 60.0, python=self._stage.peer)
        program.wait_for("connected", "told", timeout=READY_S)
        return program

    def outcome(self, program: Program, told: float | None, wrong: str = "", **facts) -> Outcome:
        """End the run; return the outcome."""
        if program.code is None:
            program.interrupt()
            if program.ended(ENDS_S) is None:
                wrong = wrong or "Ctrl-C did not end it within 20 s"
        (self.folder / "output.txt").write_text(program.text, encoding="utf-8")
        if found := traceback_in(self.folder, program.text):
            wrong = found
        elif told is None or told > TOLD_S:
            wrong = wrong or "it was not reported within 1 s"
        return Outcome(told_s=told, facts=facts, wrong=wrong)


def told_after(program: Program, at: float, *texts: str, timeout: float = 8.0) -> float | None:
    """Return the seconds until a program says one of `texts`."""
    line = program.wait_for(*texts, timeout=timeout, since=at)
    return None if line is None else line[0] - at


def beside(peer: Program | None, at: float, again: float) -> dict[str, float | str]:
    """Return after how long mne-lsl reported a fault, and had samples again."""
    if peer is None:
        return {}
    told = told_after(peer, at, "told", timeout=1.0)
    back = told_after(peer, again, "samples", timeout=15.0)
    return {
        "peer told": "never" if told is None else told,
        "peer back": "never" if back is None else back,
    }


def killed(stage: Stage, number: int) -> Outcome:
    """Kill the amplifier, start it again after 3 s."""
    run = Run(stage, f"source-killed-{number}")
    amplifier = run.amplifier()
    program, peer = run.begin(), run.peer()
    time.sleep(random.Random(number).uniform(2, 4))
    at = time.monotonic()
    psutil.Process(amplifier.pid).kill()
    told = told_after(program, at, "no sample", "lost")
    time.sleep(max(0.0, at + AWAY_S - time.monotonic()))
    again = time.monotonic()
    run.amplifier()
    back = told_after(program, again, "samples are back", timeout=30.0)
    gap = told_after(program, again, '"gap"', timeout=5.0)
    wrong = "it did not take up the stream again" if back is None else ""
    if gap is None:
        wrong = wrong or "the gap was not reported"
    facts = beside(peer, at, again)
    return run.outcome(program, told, wrong, **facts | _known(back))


def _known(back: float | None) -> dict[str, float | str]:
    return {} if back is None else {"back": back}


def changed(what: str, stage: Stage, number: int) -> Outcome:
    """Kill the amplifier, and start another one under its name."""
    run = Run(stage, f"source-{what}-{number}")
    amplifier = run.amplifier()
    program, peer = run.begin(), run.peer()
    time.sleep(2.0)
    psutil.Process(amplifier.pid).kill()
    at = time.monotonic()
    time.sleep(1.0)
    other = run.amplifier(CHANGED[what])
    # From when the other stream can be found.
    up = other.wait_for("session", timeout=READY_S)
    line = program.wait_for("came back as another", timeout=30.0)
    told = max(0.0, line[0] - up[0]) if line and up else None
    wrong = ""
    if program.ended(ENDS_S) is None or program.code != 2:
        wrong = f"exit code {program.code} instead of 2"
    return run.outcome(program, told, wrong, **beside(peer, at, at))


def doubled(stage: Stage, number: int) -> Outcome:
    """Two amplifiers under one name, before the run begins."""
    run = Run(stage, f"source-doubled-{number}")
    first, second = run.amplifier(), run.amplifier()
    for program in (first, second):
        program.wait_for("session", timeout=READY_S)
    time.sleep(2.0)
    at = time.monotonic()
    program = stage.start(
        "bci_online", "run", "--decoder", stage.decoder, "--config", run.config, "--json", "-"
    )
    line = program.wait_for("error:", "ready", timeout=READY_S)
    refused = line is not None and "error:" in line[1]
    outcome = run.outcome(program, 0.0, "" if refused else "it began with one of the two")
    note = line[1][:200] if line else ""
    return Outcome(facts={"back": time.monotonic() - at}, wrong=outcome.wrong, note=note)


def frozen(stage: Stage, number: int) -> Outcome:
    """Stop the amplifier's process for 3 s."""
    run = Run(stage, f"source-frozen-{number}")
    amplifier = run.amplifier()
    program, peer = run.begin(), run.peer()
    time.sleep(random.Random(number).uniform(2, 4))
    at = time.monotonic()
    process = psutil.Process(amplifier.pid)
    process.suspend()
    told = told_after(program, at, "no sample")
    time.sleep(max(0.0, at + AWAY_S - time.monotonic()))
    process.resume()
    again = time.monotonic()
    back = told_after(program, again, "samples are back", timeout=10.0)
    wrong = "it did not say that samples are back" if back is None else ""
    facts = beside(peer, at, again)
    return run.outcome(program, told, wrong, **facts | _known(back))


def gone(stage: Stage, number: int) -> Outcome:
    """Kill the amplifier for good."""
    run = Run(stage, f"source-gone-{number}", lost_after=4.0)
    amplifier = run.amplifier()
    program, peer = run.begin(), run.peer()
    time.sleep(2.0)
    at = time.monotonic()
    psutil.Process(amplifier.pid).kill()
    told = told_after(program, at, "no sample", "lost")
    ended = program.ended(ENDS_S)
    wrong = "" if program.code == 2 else f"exit code {program.code} instead of 2"
    if '"type":"summary"' not in program.text:
        wrong = wrong or "its summary is missing"
    facts = beside(peer, at, at)
    return run.outcome(program, told, wrong, **facts, back=(ended or at + ENDS_S) - at)


TEXT = f"""\
`bci-online run` on an amplifier that is a separate program (`bci-online simulate`). Killed: by
`kill -9`, started again after {AWAY_S:g} s; frozen: `SIGSTOP` for {AWAY_S:g} s. *Back* is the time
from the amplifier's new start, or from `SIGCONT`, until the run says that samples are back. Where
the amplifier is gone for good (`lost_after = 4.0`) or another one, the run ends with exit code 2.
Two of one name are refused before anything begins. Right means: reported within {TOLD_S:g} s, the
gap reported, no traceback. Samples of the time away are lost for good; epochs over them are
rejected. mne-lsl's `StreamLSL` follows the same amplifier where `--peer` names a Python that has
it: what it reports by its state, an error or a warning, and when it gives samples again.
"""


def _fault(name: str, how: str, once: Callable[[Stage, int], Outcome]) -> Fault:
    return Fault(name, how, once, times=3)


SOURCES = Group(
    "sources", "Sources that fail", TEXT,
    (
        _fault("killed", "the amplifier is killed, and starts again", killed),
        _fault("frozen", "the amplifier freezes", frozen),
        _fault("gone", "the amplifier is killed for good", gone),
        _fault("channels", "it comes back with 7 of 8 channels", partial(changed, "channels")),
        _fault("rate", "it comes back at another rate", partial(changed, "rate")),
        _fault("doubled", "two amplifiers of one name", doubled),
    ),
    columns={"back, ended or refused after, s": "back", "mne-lsl reported after, s": "peer told",
             "mne-lsl had samples after, s": "peer back"},
    tried=("bci_online.commands.run", "bci_online.commands.simulate"),
)  # fmt: skip
