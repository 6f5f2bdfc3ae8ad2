"""What a session and its screen can be doing, in fixed words."""

from typing import Literal

__all__ = ["HIDDEN", "Activity", "Phase"]

Phase = Literal["waiting", "ready", "running", "paused", "lost", "ended"]
"""The session in one word."""

Activity = Literal[
    "starting", "settling", "cued", "flashing", "imagining", "trial over", "decided",
    "undecided", "nobody looks", "resumed",
]  # fmt: skip
"""What the subject's screen did last."""

HIDDEN = "the screen is hidden; the session waits until it is visible"
