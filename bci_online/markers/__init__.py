"""The marker grammar.

* `events`: the events of an experiment, each with its marker;
* `grammar`: reads a marker.

Markers are slash-separated strings, as in MNE's hierarchical event names::

    session/start/<json>   layout/<json>   trial/start/<n>/<symbol>   flash/<code>/<label>
    trial/end/<n>   session/end/<reason>   cue/<class>   feedback/<start|hit|miss|timeout>
    note/<json>   note/<text>

The plain forms ``trial/start/<symbol>``, ``trial/start`` and ``trial/end`` are read as well, and
``flash/[1,4,7]/<label>``, which names the objects that light up in place of a code.
Symbols, classes, reasons and free notes are percent-encoded; `bci_online.notes` has the typed ones.
"""

from bci_online.markers.events import (
    Cue,
    Event,
    Feedback,
    Flash,
    Layout,
    SessionEnded,
    SessionStarted,
    TrialEnd,
    TrialStart,
    rank,
)
from bci_online.markers.grammar import parse_marker
from bci_online.notes import Note

__all__ = [
    "Cue",
    "Event",
    "Feedback",
    "Flash",
    "Layout",
    "Note",
    "SessionEnded",
    "SessionStarted",
    "TrialEnd",
    "TrialStart",
    "parse_marker",
    "rank",
]
