"""The messages that rooms exchange: frozen structs, arrays read-only.

* `streams`: what a source delivers;
* `epochs`: what becomes of samples and markers;
* `decisions`: what is decided for a trial;
* `session`: what the parts of a session say to each other.

Times are seconds. A *raw stamp* is in the clock of the machine that sent it; a *common time* is a
raw stamp plus its stream's clock offset. *Sample numbers* count the samples that went through the
chain, bridged ones included, from 0.
"""

from bci_online.messages.decisions import Decision, DecisionLine, Reconsidered, TrialEvidence
from bci_online.messages.epochs import Epoch, Gap, Rejected, Retracted, Score
from bci_online.messages.session import (
    CARRIED,
    LEFT,
    Command,
    CommandName,
    Journal,
    SessionEnd,
    Status,
)
from bci_online.messages.streams import (
    EEG,
    MARKERS,
    Chunk,
    ClockOffset,
    Marker,
    Reading,
    StreamSpec,
    read_only,
    unit_name,
)

__all__ = [
    "CARRIED",
    "EEG",
    "LEFT",
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
    "Reconsidered",
    "Rejected",
    "Retracted",
    "Score",
    "SessionEnd",
    "Status",
    "StreamSpec",
    "TrialEvidence",
    "read_only",
    "unit_name",
]

Message = (
    Gap
    | Epoch
    | Rejected
    | Retracted
    | Score
    | Decision
    | Reconsidered
    | Journal
    | Status
    | SessionEnd
)
"""What the chain answers to a reading."""
