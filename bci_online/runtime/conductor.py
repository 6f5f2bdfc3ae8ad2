"""One recorded session: its processes started, made ready, watched, and everything closed."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from bci_online.acquisition.lsl import SESSION_TYPES, session_source_id
from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.acquisition.recorder import SessionRecorder
from bci_online.acquisition.session_folder import SessionFolder
from bci_online.config import Config
from bci_online.errors import BciError
from bci_online.messages import Status
from bci_online.paradigms.p300_presentation import Mode
from bci_online.runtime.electrodes import Accept, Acceptance, accept_by_itself
from bci_online.runtime.listening import Heard, SessionStreams
from bci_online.runtime.operating import Operator
from bci_online.runtime.session import Processes
from bci_online.runtime.session_config import PARTS_S, as_decoded, own_streams

__all__ = ["Observe", "SessionMode", "SessionPlan", "as_decoded", "conduct"]

SessionMode = Mode | Literal["feedback"]

Observe = Callable[[Heard], None]
"""Told everything that is said in a session, from the conductor's thread."""

TICK_S = 0.03
PROBE = "probe"
SCREEN_S, ENGINE_S = 3.0, 6.0


class SessionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is to be.

    Parameters
    ----------
    name : str
        Of its streams.
    folder : SessionFolder
        Where it is recorded; must not hold a recording.
    config : Config
        All that the processes go by.
    config_path : Path, optional
        The file that says so, to be kept.
    decoder : Path, optional
        Without one nothing is decided: a calibration.
    mode : str
        As `P300Presentation` has it; ``calibration`` or ``feedback`` with motor imagery.
    words : tuple of str
        What to spell.
    wish : str
        What a simulated subject writes in free spelling.
    seed : int
        Of the order of flashes or cues.
    simulate : bool
        Start the simulated amplifier too.
    screen : tuple of str
        Further arguments of the screen's process.
    """

    name: str
    folder: SessionFolder
    config: Config
    config_path: Path | None = None
    decoder: Path | None = None
    mode: SessionMode = "calibration"
    words: tuple[str, ...] = ()
    wish: str = ""
    seed: int = 0
    simulate: bool = False
    screen: tuple[str, ...] = ()


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
        self._plan = plan
        self._observe, self._accept = observe, accept
        self._accepted: Acceptance | None = None
        self._processes = Processes(plan.folder.log)
        self._control = ControlOutlet(plan.name)
        self._streams = SessionStreams(plan.name)
        self._operator = Operator(plan.name, plan.mode, self._control, plan.folder.log)
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
        # A person may first have to answer a question.
        self._wait_for(lambda: self._streams.screen_waits, math.inf)
        self._say("starting the recording")
        kinds = [kind for kind in SESSION_TYPES if kind != "panel"]
        ids = [{"source_id": session_source_id(plan.name, kind)} for kind in kinds]
        self._recorder = SessionRecorder(plan.folder.recording, [self._streams.eeg, *ids])
        self._recorder.start(timeout=1.5 * PARTS_S)
        self._recorder.wait_until_ready(
            f"note/{PROBE}", lambda _: self._control.send("note", PROBE)
        )
        self._recording = True
        self._mind_electrodes()
        self._say("recording")
        if plan.config.screen.panel and not plan.simulate:
            self._wait_for(self._operator.lets_start, math.inf)
        self._control.send("start")

    def _mind_electrodes(self) -> None:
        """Let nothing begin before the electrodes are accepted."""
        while self._accepted is None:
            self._say("looking at the electrodes")
            # One from now on, that is recorded too.
            self._streams.electrodes.clear()
            self._wait_for(lambda: bool(self._streams.electrodes), PARTS_S)
            self._accepted = self._accept(self._streams.electrodes[-1])
        note = self._accepted.note()
        self._observe(Status("warning" if self._accepted.faults else "info", note))
        self._control.send("note", note)

    def _wait_for(self, ready: Callable[[], bool], patience: float) -> None:
        until = time.monotonic() + patience
        while not ready():
            self._listen()
            if self._streams.ended:
                raise BciError("the session was ended before it began")
            for name, code in self._processes.ended().items():
                raise BciError(self._last_words(name, code))
            if time.monotonic() > until:
                raise BciError(f"the session's processes did not get ready; see {self._log}")
            time.sleep(TICK_S)

    def run(self) -> None:
        """Watch until the session's end, whatever ends it; what is needed is closed in order."""
        try:
            while not self._streams.ended and not self._broken:
                self._listen()
                self._look()
                time.sleep(TICK_S)
        except KeyboardInterrupt:
            self.interrupted = True
        if not self._streams.ended:
            self._control.send("abort")
        for name, patience in (("screen", SCREEN_S), ("engine", ENGINE_S)):
            self._until_ended(name, patience)
        self._listen()

    def _until_ended(self, name: str, patience: float) -> None:
        until = time.monotonic() + patience
        while not self._processes.wait(name, TICK_S) and time.monotonic() < until:
            self._listen()

    def _listen(self) -> None:
        for heard in self._streams.read():
            self._observe(heard)
        n_bytes = 0 if self._recorder is None else self._recorder.n_bytes
        self._operator.attend(self._doing, n_bytes, self.failure)

    def _look(self) -> None:
        """Notice what died."""
        for name, code in self._processes.ended().items():
            # Its last marker may still be on its way.
            self._listen()
            if not self._streams.ended:
                self._broken, self.failure = True, self._last_words(name, code)
        if self._recording and self._recorder is not None and not self._recorder.is_alive:
            self._recording = False
            self.failure = "the recorder died: from a second before on nothing is recorded"
            self._observe(Status("alarm", self.failure))
            self._broken = self._plan.mode == "calibration"

    def _last_words(self, name: str, code: int) -> str:
        """Say in one line that a process ended, and why as far as it could tell."""
        how = f"was killed (signal {-code})" if code < 0 else f"ended (exit code {code})"
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        errors = [line[7:] for line in lines if line.startswith("error: ")]
        why = f": {errors[-1]}" if errors and code > 0 else ""
        return f"the session's {name} {how}{why}"

    @property
    def _log(self) -> Path:
        return self._plan.folder.log

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
