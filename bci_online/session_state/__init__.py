"""The state of a session, from its messages: one model, and views that only read it.

`SessionState.observe` takes every message of a session's streams. It does no input or output and
has no clock: the caller gives the time. The conductor, the terminal and the operator's panel each
keep one and read it, so they cannot disagree.

* `state` is the model; `signal_counts` what became of markers and samples;
* `letters` follows which letters of a copy were answered; `alarms` which alarms are open.
"""

from bci_online.session_state.state import SessionState

__all__ = ["SessionState"]
