"""How a session stands, from what is received of it: one model, and views that only read it.

`SessionState.observe` takes every message of a session's streams, and nothing else changes the
state. It does no input or output and has no clock: the caller gives the time. The conductor, the
terminal and the operator's panel each keep one and read it, so they cannot disagree.

* `state` is the model; `phases` has the words for what a session does;
* `signal_counts` counts what became of markers and samples;
* `letters` follows which letters of a copy were answered;
* `decisions` keeps the decisions; `score` how many of them were right;
* `recording_growth` follows the size of the recording;
* `alarms` keeps the alarms that nobody has seen yet.
"""

from bci_online.session_state.state import SessionState

__all__ = ["SessionState"]
