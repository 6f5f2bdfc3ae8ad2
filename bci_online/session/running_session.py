"""One recorded session: its parts start, get ready, are watched and end, in a fixed order.

* nothing flashes before the engine receives EEG and markers, the recording holds a marker, and the
  electrodes are accepted: LSL drops what is sent before a consumer connects;
* the screen ends first, because its last marker says that the session is over; then the engine,
  which still decodes the last flashes; the recorder ends last, so it has the last lines of both.
"""

import math
import time
from collections.abc import Callable

from bci_online.acquisition.lsl import SESSION_TYPES, session_source_id
from bci_online.acquisition.lsl.control import ControlOutlet
from bci_online.channel_quality import Electrodes
from bci_online.errors import BciError
from bci_online.markers import SessionEnded
from bci_online.messages import Status
from bci_online.notes import ElectrodesAccepted, Probe
from bci_online.session.config import PARTS_S
from bci_online.session.electrodes import Accept
from bci_online.session.hung_parts import HungParts
from bci_online.session.lab_recorder import Ending, closing
from bci_online.session.operator import Operator
from bci_online.session.parts import SessionParts
from bci_online.session.plan import SessionPlan
from bci_online.session.promises import Promises
from bci_online.session.recorder import SessionRecorder
from bci_online.session.recording_watch import RecordingWatch, check_room
from bci_online.session.shown import Observe, Shown
from bci_online.session.streams import SessionStreams
from bci_online.session.summary import SessionSummary
from bci_online.session.supervision import Supervision
from bci_online.session_state import SessionState

__all__ = ["Observe", "RunningSession"]

# A death is noticed within a tick; reading the streams more often would only cost processor time.
TICK_S = 0.03
# Beyond these a part hangs: the screen's last frames and the engine's last decisions take seconds.
SCREEN_S, ENGINE_S = 15.0, 15.0
# A marker that was sent before its process ended comes within a moment.
LAST_MARKER_S = 2.0


class RunningSession:
    """The processes and streams of one session; leaving the context leaves none of them.

    Parameters
    ----------
    plan : SessionPlan
        What the session is to be; its folder exists.
    observe : callable
        Called with each message of the session.
    accept : callable
        Says whether the session may begin with these electrodes.

    See Also
    --------
    bci_online.session.conductor.conduct : Enters it, and keeps its summary.
    """

    def __init__(self, plan: SessionPlan, observe: Observe, accept: Accept) -> None:
        self._plan, self.show, self._accept = plan, Shown(observe), accept
        self._accepted: ElectrodesAccepted | None = None
        self._log = plan.folder.log
        self._processes = SessionParts(plan)
        self._control = ControlOutlet(plan.name)
        self._streams = SessionStreams(plan.name)
        self._state = SessionState()
        what = plan.name, plan.mode, plan.config.paradigm
        self._operator = Operator(*what, self._control, self._log, plan.typed())
        self._doing = ""
        self._workers = Promises(plan), Supervision(plan)
        self._recorder: SessionRecorder | None = None
        self._ending: Ending = "never started"
        self.failure = ""
        self._alarms: list[str] = []
        self._hung, self._disk = HungParts(), RecordingWatch(plan.folder.folder)
        self._recording = self._broken = self.interrupted = False

    def __enter__(self) -> "RunningSession":
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if isinstance(error[1], BciError):
                self._say(f"the session ends: {error[1]}")
            # A panel has to learn of the end also where no marker says it.
            self._state.observe(SessionEnded(str(error[1] or self.failure)), time.monotonic())
            self._serve_operator()
        finally:
            # The recorder first: the file is closed while the streams that are left still stand.
            if self._recorder is not None:
                self._ending = self._recorder.stop(waiting=lambda s: self.show(closing(s)))
            self._processes.stop()
        for worker in self._workers:
            worker.close()
        if error[1] is not None:  # no summary of the session will follow
            self._processes.take_summaries()
        self._streams.close()
        self._operator.close()
        self._control.close()

    def begin(self) -> None:
        """Start everything, and let nothing be shown before all of it is ready."""
        if self._plan.config.screen.panel:
            self._operator.open_panel()
        self._processes.start_all()
        self._say("waiting for the streams")
        self._wait_for(
            lambda: self._state.engine is not None,
            2 * PARTS_S + self._plan.config.live.resolve_timeout,
        )
        self._say("waiting for the screen, which may ask a question first")
        # A person answers the question of photosensitivity: no time is too long.
        self._wait_for(lambda: self._state.screen_waits, math.inf)
        self._start_recording()
        # After the recording has begun: the acceptance is part of it.
        self._accept_electrodes()
        self._say("recording")
        if self._plan.config.screen.panel and not self._plan.simulate:
            self._wait_for(self._operator.may_start, math.inf)
        self._control.send("start")

    def _start_recording(self) -> None:
        """Record every stream of the session; a marker is in the file when this returns."""
        stream = self._state.engine
        assert stream is not None
        folder = self._plan.folder.folder
        check_room(folder, stream.sfreq, stream.n_channels, self._plan.planned_s)
        self._disk.expect(stream.sfreq, stream.n_channels)
        self._say("starting the recording")
        # All outlets stand now: LabRecorder leaves no file where a stream comes late. A panel's
        # stream is there only now and then, and what it asks for is passed on by `control`.
        kinds = [kind for kind in SESSION_TYPES if kind not in {"panel", "signed"}]
        ids = [{"source_id": session_source_id(self._plan.name, kind)} for kind in kinds]
        self._recorder = SessionRecorder(self._plan.folder.recording, [stream.eeg, *ids])
        self._recorder.start(timeout=1.5 * PARTS_S, check=self._processes.check)
        # LabRecorder cannot say that it records: it does once the growing file holds a marker. It
        # comes through the screen, because the screen's markers are what has to be recorded.
        self._recorder.wait_until_ready(Probe().text(), self._probe)
        self._recording = True

    def _accept_electrodes(self) -> None:
        """Let nothing begin before the electrodes are accepted."""
        self._accepted = accepted = self._accept(self._judge_electrodes)
        self.show(Status("warning" if accepted.faults else "info", accepted.words))
        self._control.send("note", accepted)

    def _judge_electrodes(self, ready: Callable[[], bool] = lambda: True) -> Electrodes:
        """As `JudgeElectrodes` has it; the judgement is recorded too."""
        if not ready():
            self._say("the terminal asks about the electrodes")
            self._wait_for(ready, math.inf)
        self._say("looking at the electrodes")
        # The cap may have been corrected while the question was open: take a new judgement.
        self._listen()  # a judgement that came while the recording was started is too old
        before = self._state.electrodes
        self._wait_for(lambda: self._state.electrodes is not before, PARTS_S)
        assert self._state.electrodes is not None
        return self._state.electrodes

    def _wait_for(self, ready: Callable[[], bool], patience_s: float) -> None:
        """Listen until `ready`; a session that is ended meanwhile, or a part that dies, raises."""
        until = time.monotonic() + patience_s
        while not ready():
            self._listen()
            if self._has_ended or self._operator.has_abort:
                raise BciError("the session was ended before it began")
            self._processes.check()
            if time.monotonic() > until:
                raise BciError(f"the session's processes did not get ready; see {self._log}")
            time.sleep(TICK_S)

    @property
    def _has_ended(self) -> bool:
        """Whether the screen said that the session is over."""
        return self._state.ended is not None

    def _probe(self, _: object) -> None:
        self._processes.check()
        self._control.send("note", Probe())

    def run(self) -> None:
        """Watch until the session's end, whatever ends it, and end its parts in order."""
        try:
            # An abort counts as well: a screen that hangs sends no last marker.
            while not (self._has_ended or self._broken or self._operator.has_abort):
                self._listen()
                self._watch_parts()
                time.sleep(TICK_S)
        except KeyboardInterrupt:
            # The parts are in separate process groups, so Ctrl-C ends none of them.
            self.interrupted = True
            self._say("the session ends, then its recording is closed")
        if not self._has_ended:
            self._control.send("abort")
        self._await_end("screen", SCREEN_S)
        until = time.monotonic() + LAST_MARKER_S
        while not self._has_ended and time.monotonic() < until:
            time.sleep(TICK_S)
            self._listen()
        # The engine ends by the screen's last marker. Without one, leaving the context ends it.
        if self._has_ended:
            self._await_end("engine", ENGINE_S)
            self._listen()

    def _await_end(self, name: str, patience_s: float) -> None:
        """Wait for a part's end; the first thing that goes wrong is the session's failure."""
        until = time.monotonic() + patience_s
        while not (ended := self._processes.wait(name, TICK_S)) and time.monotonic() <= until:
            self._listen()
        if not ended:
            self.failure = self.failure or f"the session's {name} did not end, and was killed"
        # After a Ctrl-C a part may end as interrupted: that is no failure.
        elif (code := self._processes.ended()[name]) and not self.interrupted:
            self.failure = self.failure or self._processes.last_words(name, code)

    def _listen(self) -> None:
        for message in self._streams.read():
            self._state.observe(message, time.monotonic())
            for worker in self._workers:
                worker.observe(message)
            self.show(message)
            if isinstance(message, Status) and message.kind == "stranger":
                self._alarms.append(message.text)
        for worker in self._workers:
            worker.serve(self._control, self.show)
        self._serve_operator()

    def _serve_operator(self) -> None:
        n_bytes = 0 if self._recorder is None else self._recorder.n_bytes
        alarm = self.failure or (self._alarms[-1] if self._alarms else "")
        n_refused = self._streams.refused.total()
        for status in self._operator.serve(self._state, self._doing, n_bytes, alarm, n_refused):
            self._alarm(status.text)

    def _watch_parts(self) -> None:
        """Notice what died, hangs, or is no longer recorded, and say so at once."""
        for name, code in self._processes.ended().items():
            # A part ends in order after the screen's last marker, which may still be on its way.
            self._listen()
            if not self._has_ended and not self._broken:
                self._broken, self.failure = True, self._processes.last_words(name, code)
                self._alarm(self.failure)
        if not self._state.is_hidden:
            for status in self._hung.check(self._processes.silent(time.monotonic())):
                self._alarm(status.text) if status.level == "alarm" else self.show(status)
        if not self._recording or (recorder := self._recorder) is None:
            return
        if unrecorded := self._unrecorded(recorder):
            self._recording = recorder.is_alive and self._disk.may_come_back
            self.failure = self.failure or unrecorded
            self._alarm(unrecorded)
            # A calibration is worth nothing without its recording; a subject may spell on.
            ends = self._plan.config.live.on_unrecorded == "end"
            self._broken |= ends or self._plan.is_calibration
        elif said := self._disk.came_back(recorder.n_bytes):
            self.failure = "" if self.failure == said else self.failure
            self.show(Status("info", "the recorder writes again: nothing is missing"))

    def _unrecorded(self, recorder: SessionRecorder) -> str:
        """Return why the session is no longer recorded; empty while it is."""
        if not recorder.is_alive:
            return "the recorder died: the last second and all that follows are not recorded"
        is_silent, now = self._state.signal.eeg_is_silent, time.monotonic()
        return self._disk.check(recorder.n_bytes, now, eeg_is_silent=is_silent)

    def _alarm(self, text: str) -> None:
        self._alarms.append(text)
        self.show(Status("alarm", text))

    def _say(self, text: str) -> None:
        self._doing = text
        self.show(Status("info", text))

    def summary(self) -> SessionSummary:
        """Return the session's results; parts that died have left none."""
        plan, recorder = self._plan, self._recorder
        screen, engine = self._processes.take_summaries()
        reason = None if screen is None else screen.reason
        return SessionSummary(
            mode=plan.mode,
            paradigm=plan.config.paradigm,
            words=plan.words,
            ended=self.failure or ("interrupted" if self.interrupted else reason),
            recording=plan.folder.recording.name,
            electrodes=self._accepted,
            recorder=self._ending,
            bytes=0 if recorder is None else recorder.n_bytes,
            alarms=(*self._alarms, *self.show.alarms),
            refused={"panel": self._operator.n_refused, **self._streams.refused},
            screen=screen,
            engine=engine,
            is_free_text=plan.mode == "free" and not plan.wish,
        )
