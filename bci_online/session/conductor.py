"""One recorded session: its processes started, made ready, watched, and everything closed."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from bci_online.acquisition.lsl import SESSION_TYPES, session_source_id
from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.config import LSL
from bci_online.errors import BciError
from bci_online.markers import SessionEnded
from bci_online.messages import Status
from bci_online.session.config import PARTS_S, as_decoded, own_streams
from bci_online.session.electrodes import Accept, Acceptance, Electrodes, accept_by_itself
from bci_online.session.operator import Operator
from bci_online.session.plan import SessionMode, SessionPlan
from bci_online.session.processes import Processes
from bci_online.session.recorder import SessionRecorder
from bci_online.session.streams import Heard, SessionStreams

__all__ = ["Observe", "SessionMode", "SessionPlan", "as_decoded", "conduct"]

Observe = Callable[[Heard], None]
"""Told everything that is said in a session, from the conductor's thread."""

TICK_S = 0.03
PROBE = "probe"
SCREEN_S, ENGINE_S, LAST_MARKER_S = 15.0, 15.0, 2.0


def conduct(
    plan: SessionPlan, observe: Observe, accept: Accept = accept_by_itself
) -> dict[str, Any]:
    """Run a session to its end and return its summary, which is in its folder too.

    Nothing is shown to the subject before every stream is received, the recording holds a probe
    marker, and `accept` has accepted the electrodes; the recording and the summary say so. Where a
    process dies the others are ended in order, and the recording is closed. A recorder that dies
    ends a calibration; spelling goes on without it, and says so.

    Raises
    ------
    BciError
        If the session cannot begin; or after its end, if that was not the planned one.
    KeyboardInterrupt
        After its end, if that was asked for.
    """
    plan.folder.make()
    plan.folder.keep_config(plan.config, plan.config_path)
    if plan.decoder is not None:
        plan.folder.keep_decoder(plan.decoder)
    with _Session(plan, observe, accept) as session:
        session.begin()
        session.run()
    summary = session.summary()
    is_own = plan.mode == "free" and not plan.wish
    summary = plan.folder.keep_summary(summary, free_spelling=is_own)
    if session.interrupted:
        raise KeyboardInterrupt
    if session.failure:
        raise BciError(f"{session.failure}; what was recorded is in {plan.folder.recording}")
    return summary


class _Session:
    """The processes and streams of one session; leaving the context leaves none of them."""

    def __init__(self, plan: SessionPlan, observe: Observe, accept: Accept) -> None:
        self._plan, self._observe, self._accept = plan, observe, accept
        self._accepted: Acceptance | None = None
        self._processes = Processes(plan.folder.log)
        self._control = ControlOutlet(plan.name)
        self._streams = SessionStreams(plan.name)
        self._operator = Operator(
            plan.name, plan.mode, plan.config.paradigm, self._control, plan.folder.log
        )
        self._doing = ""
        self._recorder: SessionRecorder | None = None
        self._recording = False
        self._ending = "never started"
        self._parts: dict[str, Any] = {}
        self._broken = False
        self.failure = ""
        self.interrupted = False

    def __enter__(self) -> "_Session":
        return self

    def __exit__(self, *error: object) -> None:
        try:
            # Whoever looks on hears of the end, whatever it was.
            self._operator.hear(SessionEnded(str(error[1] or self.failure or "")))
            self._attend()
        finally:
            if self._recorder is not None:
                self._ending = self._recorder.stop()
            self._processes.stop()
        self._left("parts").unlink(missing_ok=True)
        self._streams.close()
        self._operator.close()
        self._control.close()

    def begin(self) -> None:
        """Start everything, and let nothing be shown before all of it is ready."""
        plan = self._plan
        config = own_streams(plan.config, plan.name, simulate=plan.simulate)
        self._left("parts").write_bytes(msgspec.json.encode(config))
        common = [plan.name, "--config", str(self._left("parts"))]
        if plan.config.screen.panel:
            self._operator.open_panel()
        if plan.simulate:
            self._processes.start("amplifier", *common)
        elif plan.config.eeg.source != LSL:
            self._processes.start("amplifier", plan.name, "--source", plan.config.eeg.source)
        words = [argument for word in plan.words for argument in ("--word", word)]
        wish = ["--wish", plan.wish] if plan.wish else []
        options = [*words, *wish, "--mode", plan.mode, "--seed", str(plan.seed), *plan.screen]
        self._processes.start("screen", *common, *options, "--summary", str(self._left("screen")))
        if plan.decoder is not None:
            common += ["--decoder", str(plan.folder.decoder)]
        self._processes.start("engine", *common, "--summary", str(self._left("engine")))
        self._say("waiting for the streams")
        self._wait_for(
            lambda: bool(self._streams.eeg), 2 * PARTS_S + plan.config.live.resolve_timeout
        )
        self._say("waiting for the screen, which may ask a question first")
        self._wait_for(lambda: self._streams.screen_waits, math.inf)
        self._say("starting the recording")
        kinds = [kind for kind in SESSION_TYPES if kind != "panel"]
        ids = [{"source_id": session_source_id(plan.name, kind)} for kind in kinds]
        self._recorder = SessionRecorder(plan.folder.recording, [self._streams.eeg, *ids])
        self._recorder.start(timeout=1.5 * PARTS_S, check=self._check_parts)
        self._recorder.wait_until_ready(f"note/{PROBE}", self._probe)
        self._recording = True
        self._mind_electrodes()
        self._say("recording")
        if plan.config.screen.panel and not plan.simulate:
            self._wait_for(self._operator.lets_start, math.inf)
        self._control.send("start")

    def _mind_electrodes(self) -> None:
        """Let nothing begin before the electrodes are accepted."""
        self._accepted = self._accept(self._look_at_electrodes)
        note = self._accepted.note()
        self._observe(Status("warning" if self._accepted.faults else "info", note))
        self._control.send("note", note)

    def _look_at_electrodes(self, ready: Callable[[], bool] = lambda: True) -> Electrodes:
        """As `LookAt` has it; the look is recorded too."""
        if not ready():
            self._say("the terminal asks about the electrodes")
            self._wait_for(ready, math.inf)
        self._say("looking at the electrodes")
        self._streams.electrodes.clear()
        self._wait_for(lambda: bool(self._streams.electrodes), PARTS_S)
        return self._streams.electrodes[-1]

    def _wait_for(self, ready: Callable[[], bool], patience: float) -> None:
        until = time.monotonic() + patience
        while not ready():
            self._listen()
            if self._streams.ended or self._operator.has_abort:
                raise BciError("the session was ended before it began")
            self._check_parts()
            if time.monotonic() > until:
                log = self._plan.folder.log
                raise BciError(f"the session's processes did not get ready; see {log}")
            time.sleep(TICK_S)

    def _check_parts(self) -> None:
        """Refuse to wait on where a part has ended, for it may be what is waited for."""
        for name, code in self._processes.ended().items():
            raise BciError(self._processes.last_words(name, code))

    def _probe(self, _: object) -> None:
        self._check_parts()
        self._control.send("note", PROBE)

    def run(self) -> None:
        """Watch until the session's end, whatever ends it; what is needed is closed in order."""
        try:
            # An abort counts as well where the screen hangs and says nothing any more.
            while not (self._streams.ended or self._broken or self._operator.has_abort):
                self._listen()
                self._look()
                time.sleep(TICK_S)
        except KeyboardInterrupt:
            self.interrupted = True
        if not self._streams.ended:
            self._control.send("abort")
        self._see_end("screen", SCREEN_S)
        # Its last marker may still be on its way.
        until = time.monotonic() + LAST_MARKER_S
        while not self._streams.ended and time.monotonic() < until:
            self._listen()
            time.sleep(TICK_S)
        # Without the screen's last marker the engine does not know of an end, and is told to.
        if self._streams.ended:
            self._see_end("engine", ENGINE_S)
            self._listen()

    def _see_end(self, name: str, patience: float) -> None:
        if not self._ends(name, patience):
            self.failure = self.failure or f"the session's {name} did not end, and was killed"
        elif (code := self._processes.ended()[name]) and not self.interrupted:
            self.failure = self.failure or self._processes.last_words(name, code)

    def _ends(self, name: str, patience: float) -> bool:
        until = time.monotonic() + patience
        while not self._processes.wait(name, TICK_S):
            if time.monotonic() > until:
                return False
            self._listen()
        return True

    def _listen(self) -> None:
        for heard in self._streams.read():
            self._operator.hear(heard)
            self._observe(heard)
        self._attend()

    def _attend(self) -> None:
        n_bytes = 0 if self._recorder is None else self._recorder.n_bytes
        self._operator.attend(self._doing, n_bytes, self.failure)

    def _look(self) -> None:
        """Notice what died."""
        for name, code in self._processes.ended().items():
            # Its last marker may still be on its way.
            self._listen()
            if not self._streams.ended:
                self._broken, self.failure = True, self._processes.last_words(name, code)
        if self._recording and self._recorder is not None and not self._recorder.is_alive:
            self._recording = False
            self.failure = "the recorder died: from a second before on nothing is recorded"
            self._observe(Status("alarm", self.failure))
            self._broken = self._plan.mode == "calibration"

    def _left(self, part: str) -> Path:
        """Return the file in which a part leaves its figures, or all find their configuration."""
        return self._plan.folder.folder / f"{part}.json"

    def _say(self, text: str) -> None:
        self._doing = text
        self._observe(Status("info", text))

    def summary(self) -> dict[str, Any]:
        """Return what the session came to; parts that died have left nothing."""
        screen, engine = self._figures("screen"), self._figures("engine")
        recorder = self._recorder
        spelling = {"words": self._plan.words, "spelled": screen.pop("spelled", None)}
        return {
            "type": "summary",
            "mode": self._plan.mode,
            "calibration": self._plan.mode == "calibration",
            **(spelling if self._plan.config.paradigm == "p300" else {}),
            "ended": self.failure or ("interrupted" if self.interrupted else screen.get("reason")),
            "recording": self._plan.folder.recording.name,
            "electrodes": self._accepted,
            "recorder": self._ending,
            "bytes": 0 if recorder is None else recorder.n_bytes,
            "screen": screen,
            "engine": engine,
        }

    def _figures(self, part: str) -> dict[str, Any]:
        if part not in self._parts:
            try:
                self._parts[part] = msgspec.json.decode(self._left(part).read_bytes())
            except (OSError, msgspec.MsgspecError):
                self._parts[part] = {}
            self._left(part).unlink(missing_ok=True)
        return dict(self._parts[part])
