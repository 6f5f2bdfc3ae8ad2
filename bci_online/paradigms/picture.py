"""All that a painter needs to know about one frame."""

from typing import Literal

import msgspec

__all__ = ["LINES", "ImageryPicture", "ImageryState", "SpellerPicture", "SpellerState"]

SpellerState = Literal[
    "ready", "between", "cue", "flashing", "deciding", "decided", "undecided", "waiting", "paused",
    "ended",
]  # fmt: skip
ImageryState = Literal[
    "ready", "between", "fixation", "cue", "imagery", "deciding", "outcome", "paused", "ended"
]

LINES = {
    "ready": "ready",
    "between": "",
    "cue": "look at the letter",
    "flashing": "",
    "deciding": "one moment",
    "decided": "",
    "undecided": "not sure: no letter",
    "waiting": "waiting for you",
    "fixation": "",
    "imagery": "",
    "outcome": "",
    "paused": "pause",
    "ended": "finished",
}
"""The quiet line at the bottom in each state; a language file replaces it."""


class SpellerPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of the speller.

    Parameters
    ----------
    state : str
        What the subject should do or wait for.
    lit : tuple of str
        The symbols that are bright.
    cue : str
        The symbol to point at, while it is shown.
    text, spelled : tuple of str
        Symbols of the word to spell (empty in free spelling), and the spelled ones. In a cued word
        ``spelled[i]`` belongs to ``text[i]`` and is empty where the letter was given up.
    decision : str
        The symbol to highlight, while it is shown.
    n, n_total : int
        Place of the letter, from 1, and number of letters to spell (0: not known).
    trial : int
        Number of the trial, from 1; a letter that is asked again is another trial.
    repetition : int
        Current repetition of the trial, from 1.
    flashes : int
        Number of flashes so far; a photodiode's corner patch is bright where it is odd.
    pausing : bool
        A pause was requested; it begins at the letter's end.
    resting : bool
        The subject chose to rest.
    suggestions : tuple of str
        Words and keys to choose from, beside the matrix.
    dropped : int
        Number of decisions that were not for the open trial.
    late_flashes : int
        Number of flashes that the display showed later than they were due.
    progress : float
        How far a calibration is that ends by a promise, from 0 to 1; 0 also without one.
    reason : str
        Why the session ended.

    See Also
    --------
    ImageryPicture : The same for imagery.
    bci_online.paradigms.p300.presentation.P300Presentation : Makes it.

    Examples
    --------
    >>> SpellerPicture(state="ready").lit  # nothing is bright
    ()
    """

    state: SpellerState
    lit: tuple[str, ...] = ()
    cue: str = ""
    text: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()
    decision: str = ""
    n: int = 0
    n_total: int = 0
    trial: int = 0
    repetition: int = 0
    flashes: int = 0
    pausing: bool = False
    resting: bool = False
    suggestions: tuple[str, ...] = ()
    dropped: int = 0
    late_flashes: int = 0
    progress: float = 0.0
    reason: str = ""

    @property
    def line(self) -> str:
        """The state in words."""
        return LINES[self.state]


class ImageryPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of cued motor imagery.

    Parameters
    ----------
    state : str
        What the subject should do or wait for.
    cross, beep : bool
        The fixation cross is shown; a beep starts with this frame.
    cue : str
        The class to imagine, while its arrow is shown.
    asked : str
        The class to imagine, from its cue to the end of its trial.
    feedback : dict of str to float or None
        Progress of the evidence for each class, from 0 (chance) to 1 (decided); None while the
        display is off.
    outcome : str
        ``hit``, ``miss`` or ``timeout``, once there is an outcome.
    hits, judged : int
        Number of hits, and of trials with an outcome.
    n, n_total : int
        Number of the trial, from 1, and number of trials; with those of earlier runs.
    trial : int
        Number of the trial in this run, from 1.
    pausing : bool
        A pause was requested; it begins at the trial's end.
    dropped : int
        Number of decisions that were not for the open trial.
    reason : str
        Why the session ended.

    See Also
    --------
    SpellerPicture : The same for letters.
    bci_online.paradigms.motor_imagery.presentation.GrazPresentation : Makes it.

    Examples
    --------
    >>> ImageryPicture(state="ready", n_total=40).n
    0
    """

    state: ImageryState
    cross: bool = False
    beep: bool = False
    cue: str = ""
    asked: str = ""
    feedback: dict[str, float] | None = None
    outcome: str = ""
    hits: int = 0
    judged: int = 0
    n: int = 0
    n_total: int = 0
    trial: int = 0
    pausing: bool = False
    dropped: int = 0
    reason: str = ""

    @property
    def line(self) -> str:
        """The state in words."""
        return LINES[self.state]
