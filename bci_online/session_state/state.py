"""The state of a session, folded from its messages."""

from bci_online.channel_quality import Electrodes
from bci_online.markers import (
    Cue,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import DecisionLine, Status, TrialEvidence
from bci_online.metrics import itr_bits_per_min
from bci_online.notes import (
    AnyNote,
    OperatorNote,
    Pause,
    Promised,
    Resume,
    ScreenHidden,
    ScreenSeen,
    ScreenWaits,
    Undo,
)
from bci_online.session_lines import EngineReady, SessionStatus
from bci_online.session_state.alarms import Alarms, AlarmsSeen, Silence
from bci_online.session_state.decisions import Decisions
from bci_online.session_state.letters import Letters
from bci_online.session_state.phases import HIDDEN, Activity, Phase
from bci_online.session_state.recording_growth import RecordingGrowth
from bci_online.session_state.signal_counts import SignalCounts

__all__ = ["SessionState"]


class SessionState:
    """The state of a session after the observed messages.

    Parameters
    ----------
    attempts : int
        How often a letter is asked for before it is given up.
    is_cued : bool
        Whether letters are asked for, one after the other.
    mode : str
        The session's mode, where the caller knows it before the session says so.

    Attributes
    ----------
    mode : str
        ``calibration``, ``copy``, ``free``, ``feedback``; empty while it is unknown.
    is_running, is_paused, is_hidden, is_imagery, is_followed, screen_waits : bool
        Whether the session has begun, pauses, has a screen that cannot be seen, is motor imagery,
        is followed by its decoder, has a screen that shows its first picture and waits.
    engine, electrodes, status
        What the engine receives, the newest judgement, the conductor's last report; None before.
    began, ended, since : float or None
        When, by the caller's clock, and from when on messages are counted; None while unknown.
    reason, info : str
        Why the session ended, and the last status of level ``info``; empty before.
    trial, symbol, cue, n_flashes
        Number of the open trial, the symbol asked for, the imagery asked for, flashes so far.
    lit, symbols_of_code, evidence, decision
        Symbols that flash now, those of each code; of the open trial, None where there is none.
    copied, notes, silent, signal, letters, decisions, alarms
        Symbols that a calibration has shown, operator's notes with their times, silent streams;
        `SignalCounts`, `Letters`, `Decisions`, `Alarms`.

    See Also
    --------
    bci_online.session_lines.SessionStatus : One of the messages that it observes.

    Examples
    --------
    >>> state = SessionState()
    >>> state.observe(SessionStarted({"mode": "copy"}), now=5.0)
    >>> state.phase, state.mode, state.elapsed(now=65.0)
    ('running', 'copy', 60.0)
    """

    def __init__(self, *, attempts: int = 1, is_cued: bool = False, mode: str = "") -> None:
        self.mode, self.reason, self.info = mode, "", ""
        self.is_running = self.is_paused = self.is_hidden = self.is_imagery = False
        self.screen_waits = self.is_followed = self._is_calibration = False
        self.engine: EngineReady | None = None
        self.electrodes: Electrodes | None = None
        self.began: float | None = None
        self.since: float | None = None
        self.ended: float | None = None
        self.activity: Activity = "starting"
        self.trial = self.n_flashes = 0
        self.symbol = self.cue = ""
        self.lit, self.silent = tuple[str, ...](), tuple[str, ...]()
        self.symbols_of_code: dict[int, tuple[str, ...]] = {}
        self.evidence: TrialEvidence | None = None
        self.decision: DecisionLine | None = None
        self.copied, self.notes = list[str](), list[tuple[float, str]]()
        self.status: SessionStatus | None = None
        self.signal, self.alarms, self.decisions = SignalCounts(), Alarms(), Decisions()
        self.letters = Letters(attempts, cued=is_cued)
        self._classes, self._growth = set[str](), RecordingGrowth()

    def observe(self, message: object, now: float) -> None:
        """Take a message that came at `now` (caller's clock, s); unknown ones change nothing."""
        self.signal.observe(message, now)
        self.alarms.observe(message, now)
        self.decisions.observe(message)
        match message:
            case TrialEvidence():
                self._follow(message)
            case DecisionLine():
                self._decide(message)
            case Status("info", text):
                self.info = text
            case SessionStatus():
                self._report(message, now)
            case EngineReady() if self.engine is None:
                self.engine = message
                for text in message.findings:
                    self.alarms.add("warning", text, now)
            case Electrodes():
                self.electrodes = message
            case Silence(streams):
                self.silent = streams
            case AlarmsSeen():
                self.alarms.acknowledge()
            case SessionStarted() | SessionEnded():
                self._frame(message, now)
            case _ if isinstance(message, AnyNote):
                self._note(message, now)
            case _:
                self._mark(message, now)

    def _frame(self, event: SessionStarted | SessionEnded, now: float) -> None:
        """Begin or end the session."""
        if isinstance(event, SessionEnded):
            self._end(event.reason, now)
            return
        self.mode = str(event.info.get("mode", self.mode))
        self._is_calibration = bool(event.info.get("calibration"))
        self.is_followed = bool(event.info.get("adaptation"))
        self.is_imagery = self.is_imagery or event.info.get("paradigm") == "motor_imagery"
        self.activity = "settling"
        self._begin(now, now)

    def _mark(self, event: object, now: float) -> None:
        """Follow a trial's markers."""
        match event:
            case Layout(symbols):
                self.symbols_of_code = symbols
            case TrialStart(number, symbol):
                self.trial = self.trial + 1 if number is None else number
                self.symbol, self.lit, self.n_flashes = symbol, (), 0
                self.evidence = self.decision = None
                self.letters.ask(number)
                self._run("cued", now)
            case Flash(code):
                self.lit, self.n_flashes = self.symbols_of_code.get(code, ()), self.n_flashes + 1
                self._run("flashing", now)
            case Cue(label):
                self.cue, self.is_imagery = label, True
                self._run("imagining", now)
            case TrialEnd(number):
                self.lit, self.activity = (), "trial over"
                if self.is_calibration:
                    self.copied.append(self.symbol)
                    self.letters.answer(number)

    def _begin(self, began: float | None, now: float) -> None:
        self.is_running = True
        self.began = began if self.began is None else self.began
        self.since = now if self.since is None else self.since

    def _run(self, activity: Activity, now: float) -> None:
        self._begin(None, now)
        self.is_paused, self.activity = False, activity

    def _end(self, reason: str, now: float) -> None:
        # The first reason is the cause; later reasons follow from it.
        if self.ended is None:
            self.ended, self.reason, self.lit = now, reason or "end", ()

    def _note(self, note: AnyNote, now: float) -> None:
        match note:
            case Pause():
                self.is_paused = True
            case Resume():
                self.is_paused, self.activity = False, "resumed"
            case ScreenHidden() | ScreenSeen():
                self._hide(isinstance(note, ScreenHidden), now)
            case ScreenWaits():
                self.screen_waits = True
            case Undo(trial):
                self.letters.undo(trial)
            case OperatorNote(remark):
                self.notes.append((now, remark))
            case Promised():
                self.letters.promised = note

    def _hide(self, is_hidden: bool, now: float) -> None:
        if is_hidden and not self.is_hidden:
            self.alarms.add("alarm", HIDDEN, now)
        self.is_hidden = is_hidden

    def _follow(self, evidence: TrialEvidence) -> None:
        self.evidence, self.trial = evidence, max(self.trial, evidence.trial)
        if self.is_imagery:
            self._classes.update(evidence.posterior)

    def _decide(self, line: DecisionLine) -> None:
        self.decisions.add(line)
        self.decision, self.trial = line, max(self.trial, line.trial)
        none: Activity = "nobody looks" if line.is_empty else "undecided"
        self.activity = "decided" if line.value else none
        self.letters.decide(line)

    def _report(self, status: SessionStatus, now: float) -> None:
        """Take the conductor's report, which repeats what markers said before."""
        before, self.status = self.status or SessionStatus(""), status
        self.mode = self.mode or status.mode
        self.is_imagery = self.is_imagery or status.paradigm == "motor_imagery"
        if status.seconds is not None:
            self._begin(now - status.seconds, now)
        # Only changes count: a repeated value may be older than a marker that is already here.
        if status.paused != before.paused:
            self.is_paused = status.paused
        if status.hidden != before.hidden:
            self._hide(status.hidden, now)
        if status.ended:
            self._end(status.ended, now)
        if status.alarm and before.alarm != status.alarm:
            self.alarms.add("alarm", status.alarm, now)
        self._growth.add(status.n_bytes, now)

    @property
    def phase(self) -> Phase:
        """The session in one word."""
        if self.ended is not None:
            return "ended"
        if self.is_running:
            return "lost" if self.silent else "paused" if self.is_paused else "running"
        return "ready" if self.status is not None and self.status.waits else "waiting"

    @property
    def is_calibration(self) -> bool:
        """Whether nothing is decided, because a decoder is to be trained on this session."""
        return self._is_calibration or self.mode == "calibration"

    @property
    def no_evidence(self) -> str:
        """What there is instead of evidence, in words."""
        if self.letters.promised is not None:
            return self.letters.promised.words
        return "nothing is decided in a calibration" if self.is_calibration else "no evidence yet"

    @property
    def unanswered(self) -> int | None:
        """Flashes that the engine neither cut nor rejected; None in motor imagery."""
        return None if self.is_imagery else self.signal.unanswered

    @property
    def undone(self) -> int | None:
        """How many decided letters were taken back; None in motor imagery."""
        return None if self.is_imagery else self.decisions.n_undone

    @property
    def right(self) -> tuple[int, int]:
        """How many decisions were right, and of how many that is known."""
        return self.decisions.right_and_known(self._classes, is_imagery=self.is_imagery)

    def bits_per_min(self, now: float) -> float | None:
        """Return the information transfer rate, all pauses included; None while it is unknown."""
        right, known = self.right
        symbols = {symbol for lit in self.symbols_of_code.values() for symbol in lit}
        n_choices = len(self._classes if self.is_imagery else symbols)
        if not known or self.since is None or n_choices < 2:
            return None
        return itr_bits_per_min(n_choices, right / known, known, self.seconds(now))

    def per_minute(self, now: float) -> float | None:
        """Return how many decisions a minute were carried out; None before the first decision."""
        if self.since is None or not self.decisions.lines:
            return None
        return 60 * self.decisions.n_chosen / self.seconds(now)

    def elapsed(self, now: float) -> float | None:
        """Return for how long the session has run, in seconds; None while that is unknown."""
        end = now if self.ended is None else self.ended
        return None if self.began is None else end - self.began

    def seconds(self, now: float) -> float:
        """Return for how long messages have been counted; never 0."""
        since = now if self.since is None else self.since
        return max((now if self.ended is None else self.ended) - since, 1e-9)

    @property
    def growth(self) -> float | None:
        """How fast the recording grows, in bytes a second; None while it is unknown."""
        return self._growth.bytes_per_s
