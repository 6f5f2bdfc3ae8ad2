"""What became of a session's markers and samples, counted."""

from collections import Counter

from bci_online.channel_quality import Electrodes
from bci_online.markers import Cue, Feedback, Flash, parse_marker
from bci_online.messages import Gap, Journal, Rejected, Retracted, Status
from bci_online.notes import LateFrame
from bci_online.session_lines import EngineReady
from bci_online.summaries import BadChannel, counted_channels

__all__ = ["SignalCounts"]


class SignalCounts:
    """Counts markers, epochs and losses.

    Attributes
    ----------
    markers : int
        Flashes and cues that the screen marked.
    epochs, retracted : int
        Epochs that the engine cut, and those that it took back.
    rejected, rejected_for : Counter
        Rejected flashes by reason, and by the channels that were the reason.
    bad_since : dict of str to float
        Channels that are not finite, flat or railing now, and since when by the caller's clock.
    lost, gaps, bridged : int
        Lost samples, gaps, and how many of these were bridged.
    reconnects : int
        How often a stream was received again.
    late_frames : int
        Frames with markers that came late.
    offset, first_offset : float or None
        Of the EEG's clock in seconds, the newest and the first one.
    eeg_is_silent : bool
        Whether the engine said that no sample comes.
    engine_seen : float or None
        When the engine last wrote into the journal.

    See Also
    --------
    bci_online.session_state.state.SessionState : Keeps one.

    Examples
    --------
    >>> counts = SignalCounts()
    >>> counts.observe(Flash(3), now=1.0)
    >>> counts.observe(Cue("left_hand"), now=2.0)
    >>> counts.markers
    2
    """

    def __init__(self) -> None:
        self.markers = self.epochs = self.retracted = 0
        self.rejected: Counter[str] = Counter()
        self.rejected_for: Counter[str] = Counter()
        self.bad_since: dict[str, float] = {}
        self._bad_before: dict[str, float] = {}
        self.lost = self.gaps = self.bridged = self.reconnects = 0
        self.late_frames = 0
        self.eeg_is_silent = False
        self.offset: float | None = None
        self.first_offset: float | None = None
        self.engine_seen: float | None = None
        self._markers_before = 0

    def observe(self, message: object, now: float) -> None:
        """Count a message that came at `now`."""
        match message:
            case Journal():
                self._journalled(message, now)
            case EngineReady() | Electrodes():
                self.engine_seen = now
            case Flash() | Cue():
                self.markers += 1
            case Rejected(marker, reason, _, channels) if not _is_answer(marker.text):
                self.rejected[reason] += 1
                self.rejected_for.update(channels)
            case Retracted():
                self.retracted += 1
            case Gap():
                self.gaps, self.bridged = self.gaps + 1, self.bridged + message.bridged
                self.lost += message.n_lost
            case Status(kind="connected"):
                self.reconnects += 1
            case Status(kind="silent" | "back"):
                self.eeg_is_silent = message.kind == "silent"
            case Status(kind="bad_channels" | "good_channels"):
                self._judge(message, now)
            case LateFrame():
                self.late_frames += 1
        # A panel that is opened late receives epochs of markers that it did not receive.
        self._markers_before += max(0, -self.unanswered)

    def _judge(self, status: Status, now: float) -> None:
        for name in status.channels:
            if status.kind == "bad_channels":
                self.bad_since.setdefault(name, now)
            elif (since := self.bad_since.pop(name, None)) is not None:
                self._bad_before[name] = self._bad_before.get(name, 0.0) + now - since

    def bad_channels(self, now: float) -> dict[str, BadChannel]:
        """Return what each channel has cost until `now`."""
        seconds = Counter({name: round(past) for name, past in self._bad_before.items()})
        seconds.update({name: round(now - since) for name, since in self.bad_since.items()})
        return counted_channels(seconds, self.rejected_for)

    @property
    def unanswered(self) -> int:
        """Flashes that the engine neither cut nor rejected."""
        return self.markers + self._markers_before - self.epochs - sum(self.rejected.values())

    def _journalled(self, line: Journal, now: float) -> None:
        self.engine_seen = now
        if line.kind == "onset" and not _is_answer(line.text):
            self.epochs += 1
        elif line.kind == "offset" and line.text == "eeg":
            self.offset = line.value
            self.first_offset = line.value if self.first_offset is None else self.first_offset


def _is_answer(marker: str) -> bool:
    """Tell whether an epoch follows an answer of the speller: it is none of a flash."""
    return isinstance(parse_marker(marker), Feedback)
