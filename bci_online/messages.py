"""The messages that packages exchange: frozen structs, arrays read-only.

Times are seconds. A *raw stamp* is in the clock of the machine that sent it; a *common time* is a
raw stamp plus its stream's clock offset. *Sample numbers* count the samples that went through the
chain, bridged ones included, from 0.
"""

from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import Electrodes
from bci_online.notes import AnyNote

__all__ = [
    "EEG",
    "MARKERS",
    "Chunk",
    "ClockOffset",
    "Command",
    "CommandName",
    "Decision",
    "DecisionLine",
    "Epoch",
    "Gap",
    "Journal",
    "Marker",
    "Message",
    "Reading",
    "Rejected",
    "Retracted",
    "Score",
    "SessionEnd",
    "Status",
    "StreamSpec",
    "TrialEvidence",
    "read_only",
]

EEG = "eeg"
"""The stream key of the amplifier in `ClockOffset.stream`."""

MARKERS = "markers"
"""The stream key of markers when there is a single marker stream."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return `array`, which can no longer be written through this name.

    Examples
    --------
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The header of an EEG stream, with units converted to microvolts; ``impedances`` in kΩ.

    Examples
    --------
    >>> StreamSpec(name="amp", sfreq=256.0, ch_names=("Cz", "X"), ch_types=("EEG", "AUX")).eeg_names
    ('Cz',)
    """

    name: str
    sfreq: float
    ch_names: tuple[str, ...]
    ch_types: tuple[str, ...]
    type: str = "EEG"
    source_id: str = ""
    unit: str = "unknown"
    reference: str = ""
    amplifier: str = ""
    impedances: tuple[float | None, ...] = ()

    @property
    def eeg_names(self) -> tuple[str, ...]:
        """The channels of type EEG."""
        pairs = zip(self.ch_names, self.ch_types, strict=True)
        return tuple(name for name, kind in pairs if kind.upper() == "EEG")


class Chunk(msgspec.Struct, frozen=True, eq=False):
    """Consecutive samples as they arrived.

    ``data`` has shape (n_times, n_channels), in the stream's unit; ``stamps`` (n_times,) are raw.
    """

    data: NDArray[Any]
    stamps: NDArray[np.float64]


class ClockOffset(msgspec.Struct, frozen=True):
    """Add ``value`` to a raw stamp of ``stream`` to get common time; measured at raw ``time``."""

    stream: str
    time: float
    value: float
    uncertainty: float = 0.0


class Marker(msgspec.Struct, frozen=True):
    """One event; ``time`` is the raw stamp in the clock of marker stream ``stream``.

    ``onset_stamp`` is the raw EEG stamp of the sample that its epoch began at when it was live;
    only a recorded journal knows it.
    """

    text: str
    time: float
    stream: str = MARKERS
    onset_stamp: float | None = None


CommandName = Literal[
    "start", "pause", "resume", "finish", "abort", "undo", "hide", "show", "note", "status"
]
"""The names that a line of the control stream may have; ``status`` is not a command."""


class Command(msgspec.Struct, frozen=True):
    """What the operator or the screen asks for; ``note`` comes with the note to mark."""

    name: CommandName
    note: AnyNote | None = None


class Status(msgspec.Struct, frozen=True, tag="status"):
    """Something for a person to read: level ``info``, ``warning`` or ``alarm``.

    ``kind`` is ``connected`` where a stream is received again, or a marker stream came late,
    ``misfit`` where the decoder no longer fits, ``misaligned`` where responses come earlier or
    later than in calibration; a program reads this and not the text.
    """

    level: str
    text: str
    time: float = 0.0
    kind: Literal["connected", "misfit", "misaligned"] | msgspec.UnsetType = msgspec.UNSET


class Reading(msgspec.Struct, frozen=True, eq=False):
    """All that a source returns from one call of `read`."""

    chunks: tuple[Chunk, ...] = ()
    markers: tuple[Marker, ...] = ()
    offsets: tuple[ClockOffset, ...] = ()
    commands: tuple[Command, ...] = ()
    statuses: tuple[Status, ...] = ()
    journal: tuple["Journal | Electrodes", ...] = ()


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """Samples were lost just before sample number ``sample`` (common ``time``).

    ``bridged`` gaps were short enough to interpolate over; after others the filter started anew.
    A ``late`` gap was noticed after samples that follow it had already been used.
    ``reason`` is ``loss`` or ``clock`` (the stream's clock stepped; nothing may be missing).
    """

    sample: int
    n_lost: int
    time: float
    bridged: bool
    late: bool = False
    reason: str = "loss"


class Epoch(msgspec.Struct, frozen=True, eq=False, tag="epoch"):
    """The EEG after one marker.

    ``data`` (n_channels, n_times) holds the filtered signal at the epoch's latencies;
    ``peak_to_peak`` (n_channels,) is over the whole window; ``onset`` is a sample number and
    ``time`` the marker's common time.
    """

    data: NDArray[np.float64]
    marker: Marker
    onset: int
    time: float
    peak_to_peak: NDArray[np.float64]


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """A marker that got no epoch, and why: gap, settling, artefact, out_of_ring, incomplete."""

    marker: Marker
    reason: str
    time: float


class Retracted(msgspec.Struct, frozen=True, tag="retracted"):
    """An epoch that was scored before a loss of samples within it was noticed."""

    marker: Marker
    onset: int
    suspect_trial: int | None = None


class Score(msgspec.Struct, frozen=True, eq=False, tag="score"):
    """The decoder's values (n_classes,) for one marker's epoch."""

    marker: Marker
    time: float
    values: NDArray[np.float64]
    onset: int


EVEN = 0.5


class Decision(msgspec.Struct, frozen=True, tag="decision"):
    """What was decided for one trial; ``value`` is None where the evidence stayed weak.

    ``time`` is the common time of the last sample that the decision rests on, ``evidence`` the
    posterior per symbol or class, ``truth`` what the trial's own marker says (empty: unknown).
    Motor imagery counts windows as ``flashes``; ``elapsed`` are its seconds from the cue.
    ``nobody`` is the posterior that nobody looked.
    """

    value: str | None
    trial: int
    confidence: float
    time: float
    truth: str = ""
    repetitions: int = 0
    flashes: int = 0
    evidence: dict[str, float] = {}
    elapsed: float | None = None
    nobody: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.value is None and self.nobody > EVEN


class DecisionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A published decision: one line of JSON.

    ``type`` is ``decision`` or ``no_decision``; ``data_age_ms`` is None where nothing is live; a
    ``late`` decision must not be carried out.
    """

    type: str = "decision"
    value: str | None = None
    trial: int
    truth: str | None = None
    correct: bool | None = None
    confidence: float = 0.0
    repetitions: int = 0
    flashes: int = 0
    time: float = 0.0
    data_age_ms: float | None = None
    late: bool = False
    elapsed: float | None = None
    nobody: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether it is more likely that nobody looked than that any symbol was meant."""
        return self.value is None and self.nobody > EVEN


class TrialEvidence(msgspec.Struct, frozen=True, tag="standing"):
    """The evidence of a trial that is still open. It is for display: nothing acts on it.

    ``posterior`` holds the likeliest symbols or classes, the best first. At ``threshold`` the trial
    is decided.
    """

    trial: int
    flashes: int
    threshold: float
    posterior: dict[str, float]


class Journal(msgspec.Struct, frozen=True, tag="journal"):
    """A fact that a replay of this session needs: offset, segment, onset, retraction or swap."""

    kind: str
    time: float
    sample: int = -1
    text: str = ""
    value: float = 0.0


class SessionEnd(msgspec.Struct, frozen=True, tag="session_end"):
    """No message follows; ``reason`` says why."""

    reason: str


Message = Gap | Epoch | Rejected | Retracted | Score | Decision | Journal | Status | SessionEnd
