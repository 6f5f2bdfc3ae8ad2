"""What a session has said so far, counted."""

from collections import Counter, deque

from bci_online.config import REST
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
IMAGERY = "motor_imagery"
HIDDEN = "the screen is hidden, and all stands still"
N_SIZES = 30


class SessionFigures:
    """Counts along; it knows no window, and the time only from whoever tells it.

    Attributes
    ----------
    is_running, is_paused, is_hidden : bool
        Whether the session has begun, whether it pauses, and whether its screen cannot be seen.
    is_imagery : bool
        Whether motor imagery is asked for.
    silent : tuple of str
        Who has fallen silent, as a watchdog sees it.
    mode : str
        ``calibration``, ``copy``, ``free``, ``feedback``; empty while it is unknown.
    began, ended : float or None
        When, by the panel's clock; None while that is unknown.
    since : float or None
        From when on it counts: the session's start, or later where it was heard of later.
    markers, epochs, rejected, retracted
        What the screen marked and the engine made of it: it has to be the same number.
    alarms : Alarms
        What is wrong.

    Notes
    -----
    The markers say how the session goes. Who comes late has not heard them, and is told by the
    one who conducts it; so is who lost them for a while.
    """

    def __init__(self) -> None:
        self.is_running = self.is_paused = self.is_hidden = False
        self.silent: tuple[str, ...] = ()
        self.mode = self.reason = ""
        self.alarms = Alarms()
        self.began: float | None = None
        self.since: float | None = None
        self.ended: float | None = None
        self.engine_heard: float | None = None
        self.trial = 0
        self.markers = self.epochs = self.retracted = 0
        self.rejected: Counter[str] = Counter()
        self.lost = self.gaps = self.bridged = self.reconnects = 0
        self.late_marked = 0
        self.offset: float | None = None
        self.first_offset: float | None = None
        self.standing: Standing | None = None
        self.decisions: list[DecisionLine] = []
        self.notes: list[tuple[float, str]] = []
        self.conducted: Conducted | None = None
        self._sizes: deque[tuple[float, int]] = deque(maxlen=N_SIZES)
        self._symbols: frozenset[str] = frozenset()
        self._classes: set[str] = set()
        self._undone: set[str] = set()
        self._doing = ""
        self.is_imagery = False
        self._marked_before = 0

    @property
    def state(self) -> str:
        """``waiting``, ``ready``, ``running``, ``paused``, ``lost`` or ``ended``."""
        if self.ended is not None:
            return "ended"
        if self.is_running:
            return "lost" if self.silent else "paused" if self.is_paused else "running"
        return "ready" if self.conducted is not None and self.conducted.waits else "waiting"

    @property
    def doing(self) -> str:
        """What happens just now, in words."""
        told = "looking for its streams" if self.conducted is None else self.conducted.doing
        return {
            "waiting": told,
            "ready": "press Start to begin",
            "running": HIDDEN if self.is_hidden else self._doing,
            "paused": HIDDEN if self.is_hidden else "",
            "lost": f"silent: {', '.join(self.silent)}",
        }.get(self.state, "")

    def take(self, heard: object, now: float) -> None:
        """Take what was said; `now` is the panel's clock."""
        match heard:
            case Journal():
                self._journalled(heard, now)
            case Standing():
                self._stands(heard)
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
                self.mode = str(info.get("mode", self.mode))
                self.is_imagery = self.is_imagery or info.get("paradigm") == IMAGERY
                self._begin(now, now)
            case Layout(symbols):
                self._symbols = frozenset(name for names in symbols.values() for name in names)
            case TrialStart(number, _):
                self.trial = self.trial + 1 if number is None else number
                self.standing = None
                self._run("", now)
            case Flash():
                self.markers += 1
                self._run("flashing", now)
            case Cue(label):
                self.markers += 1
                self.is_imagery = True
                self._run(f"cue {label}", now)
            case TrialEnd():
                self._doing = ""
            case Note(what):
                self._noted(what, now)
            case SessionEnded(reason):
                self._end(reason, now)

    def _begin(self, began: float | None, now: float) -> None:
        self.is_running = True
        self.began = began if self.began is None else self.began
        self.since = now if self.since is None else self.since

    def _run(self, doing: str, now: float) -> None:
        self._begin(None, now)
        self.is_paused, self._doing = False, doing

    def _end(self, reason: str, now: float) -> None:
        if self.ended is None:
            self.ended, self.reason = now, reason

    def _noted(self, what: str, now: float) -> None:
        if what in {"pause", "resume"}:
            self.is_paused, self._doing = what == "pause", ""
        elif what in {"screen hidden", "screen seen"}:
            self._hide(what == "screen hidden", now)
        elif what == "late frame":
            self.late_marked += 1
        elif what.startswith("undo "):
            self._undone.add(what.removeprefix("undo "))
        elif what.startswith(OPERATOR):
            self.notes.append((now, what.removeprefix(OPERATOR)))

    def _hide(self, is_hidden: bool, now: float) -> None:
        if is_hidden and not self.is_hidden:
            self.alarms.add("alarm", HIDDEN, now)
        self.is_hidden = is_hidden

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

    def _stands(self, standing: Standing) -> None:
        self.standing, self.trial = standing, max(self.trial, standing.trial)
        if self.is_imagery:
            self._classes.update(standing.posterior)

    def _decided(self, line: DecisionLine, now: float) -> None:
        self.decisions.append(line)
        self.trial = max(self.trial, line.trial)
        self._doing = f"decided {line.value}" if line.value else "not sure: no decision"
        if line.late:
            age = 0.0 if line.data_age_ms is None else line.data_age_ms
            text = f"the decision of trial {line.trial} came late ({age:.0f} ms), not carried out"
            self.alarms.add("alarm", text, now)

    def _conducted(self, heard: Conducted, now: float) -> None:
        before, self.conducted = self.conducted or Conducted(""), heard
        self.mode = self.mode or heard.mode
        self.is_imagery = self.is_imagery or heard.paradigm == IMAGERY
        if heard.seconds is not None:
            self._begin(now - heard.seconds, now)
        # What is only repeated was sent before a marker that is already here, perhaps.
        if heard.paused != before.paused:
            self.is_paused = heard.paused
        if heard.hidden != before.hidden:
            self._hide(heard.hidden, now)
        if heard.ended:
            self._end(heard.ended, now)
        if heard.alarm and before.alarm != heard.alarm:
            self.alarms.add("alarm", heard.alarm, now)
        self._sizes.append((now, heard.n_bytes))

    @property
    def _unanswered(self) -> int:
        return self.markers + self._marked_before - self.epochs - sum(self.rejected.values())

    @property
    def unanswered(self) -> int | None:
        """Flashes that the engine neither cut nor rejected; None in motor imagery."""
        return None if self.is_imagery else self._unanswered

    @property
    def undone(self) -> int | None:
        """How many decided letters were taken back; None in motor imagery."""
        # The screen also says so of letters that came to nothing.
        decided = {str(line.trial) for line in self.decisions if line.value and not line.late}
        return None if self.is_imagery else len(self._undone & decided)

    @property
    def right(self) -> tuple[int, int]:
        """How many decisions were right, and of how many that is known."""
        known = [line for line in self.decisions if line.correct is not None and not line.late]
        if REST not in self._classes:
            # A cue for rest asks a decoder that does not know it for nothing.
            known = [line for line in known if line.truth != REST or not self.is_imagery]
        return sum(bool(line.correct) for line in known), len(known)

    def bits_per_min(self, now: float) -> float | None:
        """Return the information transfer rate, all pauses included; None while it is unknown."""
        right, known = self.right
        n_choices = len(self._classes if self.is_imagery else self._symbols)
        if not known or self.since is None or n_choices < 2:
            return None
        return itr_bits_per_min(n_choices, right / known, known, self.seconds(now))

    def seconds(self, now: float) -> float:
        """Return for how long it has counted."""
        since = now if self.since is None else self.since
        return max((now if self.ended is None else self.ended) - since, 1e-9)

    @property
    def growth(self) -> float | None:
        """How fast the recording grows, in bytes a second; None while it is unknown."""
        if len(self._sizes) < 2:
            return None
        (begin, first), (end, last) = self._sizes[0], self._sizes[-1]
        return (last - first) / (end - begin) if end > begin else None
