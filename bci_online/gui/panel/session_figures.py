"""What a session has said so far, counted."""

from collections import Counter, deque

from bci_online.gui.panel.alarms import Alarms
from bci_online.markers import (
    Cue,
    Flash,
    Layout,
    Note,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
)
from bci_online.messages import (
    Conducted,
    DecisionLine,
    Gap,
    Journal,
    Rejected,
    Retracted,
    Standing,
    Status,
)
from bci_online.metrics import itr_bits_per_min

__all__ = ["OPERATOR", "SessionFigures"]

OPERATOR = "operator: "
"""What a note of the operator begins with, in the recording."""

# The last words of the engine where a stream is taken up again.
RECONNECTED = "is connected"
N_SIZES = 30


class SessionFigures:
    """Counts along; it knows no window, and the time only from whoever tells it.

    Attributes
    ----------
    state : str
        ``waiting``, ``ready``, ``running``, ``paused``, ``lost`` or ``ended``.
    doing : str
        What happens just now, in words.
    mode : str
        ``calibration``, ``copy``, ``free``, or another paradigm's; empty while it is unknown.
    markers, epochs, rejected, retracted
        What the screen marked and the engine made of it: it has to be the same number.
    alarms : Alarms
        What is wrong.
    """

    def __init__(self) -> None:
        self.state, self.doing = "waiting", "looking for its streams"
        self.mode = self.reason = ""
        self.alarms = Alarms()
        self.began: float | None = None
        self.ended: float | None = None
        self.engine_heard: float | None = None
        self.trial = 0
        self.markers = self.epochs = self.retracted = 0
        self.rejected: Counter[str] = Counter()
        self.lost = self.gaps = self.bridged = self.reconnects = 0
        self.late_marked = self.undone = 0
        self.offset: float | None = None
        self.first_offset: float | None = None
        self.standing: Standing | None = None
        self.decisions: list[DecisionLine] = []
        self.notes: list[tuple[float, str]] = []
        self.conducted: Conducted | None = None
        self._sizes: deque[tuple[float, int]] = deque(maxlen=N_SIZES)
        self._symbols: frozenset[str] = frozenset()
        self._cues: set[str] = set()
        self._marked_before = 0

    def take(self, heard: object, now: float) -> None:
        """Take what was said; `now` is the panel's clock."""
        match heard:
            case Journal():
                self._journalled(heard, now)
            case Standing():
                self.standing = heard
            case DecisionLine():
                self._decided(heard, now)
            case Rejected(_, reason):
                self.rejected[reason] += 1
            case Retracted():
                self.retracted += 1
            case Gap():
                self._lost(heard, now)
            case Status():
                self._told(heard, now)
            case Conducted():
                self._conducted(heard, now)
            case _:
                self._marked(heard, now)
        # Who comes late hears of epochs whose markers were before.
        self._marked_before += max(0, -self._unanswered)

    def _marked(self, event: object, now: float) -> None:
        """Take what the screen says."""
        match event:
            case SessionStarted(info):
                self.began, self.mode = now, str(info.get("mode", self.mode))
                self._run("")
            case Layout(symbols):
                self._symbols = frozenset(name for names in symbols.values() for name in names)
            case TrialStart(number, _):
                self.trial = self.trial + 1 if number is None else number
                self.standing = None
                self._run("")
            case Flash():
                self.markers += 1
                self._run("flashing")
            case Cue(label):
                self.markers += 1
                self._cues.add(label)
                self._run(f"cue {label}")
            case TrialEnd():
                self.doing = ""
            case Note(what):
                self._noted(what, now)
            case SessionEnded(reason):
                self.state, self.reason, self.doing = "ended", reason, ""
                self.ended = now

    def _run(self, doing: str) -> None:
        if self.state != "ended":
            self.state, self.doing = "running", doing

    def _noted(self, what: str, now: float) -> None:
        if what in {"pause", "resume"}:
            self.state, self.doing = ("paused" if what == "pause" else "running"), ""
        elif what == "late frame":
            self.late_marked += 1
        elif what.startswith("undo "):
            self.undone += 1
        elif what.startswith(OPERATOR):
            self.notes.append((now, what.removeprefix(OPERATOR)))

    def _journalled(self, line: Journal, now: float) -> None:
        self.engine_heard = now
        if line.kind == "onset":
            self.epochs += 1
        elif line.kind == "offset" and line.text == "eeg":
            self.offset = line.value
            self.first_offset = line.value if self.first_offset is None else self.first_offset

    def _lost(self, gap: Gap, now: float) -> None:
        self.gaps, self.bridged = self.gaps + 1, self.bridged + gap.bridged
        self.lost += gap.n_lost
        if gap.reason == "clock":
            self.alarms.add("alarm", "the amplifier's clock stepped: the filter starts anew", now)
        elif not gap.bridged:
            self.alarms.add("alarm", f"{gap.n_lost} samples were lost in one piece", now)

    def _told(self, status: Status, now: float) -> None:
        if status.level != "info":
            self.alarms.add(status.level, status.text, now)
        elif status.text.endswith(RECONNECTED):
            self.reconnects += 1

    def _decided(self, line: DecisionLine, now: float) -> None:
        self.decisions.append(line)
        self.doing = f"decided {line.value}" if line.value else "not sure: no decision"
        if line.late:
            age = 0.0 if line.data_age_ms is None else line.data_age_ms
            text = f"the decision of trial {line.trial} came late ({age:.0f} ms), not carried out"
            self.alarms.add("alarm", text, now)

    def _conducted(self, heard: Conducted, now: float) -> None:
        before, self.conducted = self.conducted, heard
        self.mode = self.mode or heard.mode
        if self.state in {"waiting", "ready"}:
            self.state, self.doing = "waiting", heard.doing
        if self.state == "waiting" and heard.waits:
            self.state, self.doing = "ready", "press Start to begin"
        if heard.alarm and (before is None or before.alarm != heard.alarm):
            self.alarms.add("alarm", heard.alarm, now)
        self._sizes.append((now, heard.n_bytes))

    @property
    def _unanswered(self) -> int:
        return self.markers + self._marked_before - self.epochs - sum(self.rejected.values())

    @property
    def unanswered(self) -> int | None:
        """Flashes that the engine neither cut nor rejected; None in motor imagery."""
        return None if self._cues else self._unanswered

    @property
    def right(self) -> tuple[int, int]:
        """How many decisions were right, and of how many that is known."""
        known = [line for line in self.decisions if line.correct is not None and not line.late]
        return sum(bool(line.correct) for line in known), len(known)

    def bits_per_min(self, now: float) -> float | None:
        """Return the information transfer rate, all pauses included; None while it is unknown."""
        right, known = self.right
        n_choices = len(self._symbols or self._cues)
        if not known or self.began is None or n_choices < 2:
            return None
        seconds = max((self.ended or now) - self.began, 1e-9)
        return itr_bits_per_min(n_choices, right / known, known, seconds)

    @property
    def growth(self) -> float | None:
        """How fast the recording grows, in bytes a second; None while it is unknown."""
        if len(self._sizes) < 2:
            return None
        (begin, first), (end, last) = self._sizes[0], self._sizes[-1]
        return (last - first) / (end - begin) if end > begin else None
