"""All that a painter needs of one frame."""

from typing import Literal

import msgspec

__all__ = ["LINES", "ImageryPicture", "ImageryState", "SpellerPicture", "SpellerState"]

SpellerState = Literal[
    "ready", "between", "cue", "flashing", "deciding", "decided", "undecided", "paused", "ended"
]
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
    "fixation": "",
    "imagery": "",
    "outcome": "",
    "paused": "pause",
    "ended": "finished",
}
"""What the quiet line at the bottom says in each state; a language file replaces it."""


class SpellerPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of the speller.

    Parameters
    ----------
    state : str
        What the subject is to do or to wait for.
    lit : tuple of str
        The symbols that are bright.
    cue : str
        The symbol to point at; only while it is to be shown.
    text, spelled : tuple of str
        Symbols of the word to spell (empty in free spelling) and those spelled of it. In a cued
        word they lie beneath each other: ``spelled[i]`` belongs to ``text[i]``, and is empty where
        the letter was given up.
    decision : str
        The symbol to highlight; only while it is to be shown.
    n, n_total : int
        The letter's place, from 1, among all that are to be spelled (0: nobody knows).
    trial : int
        The number of the trial, from 1; a letter asked again is another trial.
    repetition : int
        How many flashes of each code the trial began with, from 1.
    flashes : int
        How many flashes were shown; a photodiode's corner patch is bright where it is odd.
    pausing : bool
        A pause is asked for and comes at the letter's end.
    resting : bool
        The subject chose to rest.
    suggestions : tuple of str
        Words and keys to choose from, beside the matrix.
    dropped : int
        Decisions that came for another trial than the one that was open.
    late_flashes : int
        Flashes that the display brought later than they were due.
    reason : str
        Why it ended.
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
        What the subject is to do or to wait for.
    cross, beep : bool
        The fixation cross is shown; a beep starts with this frame.
    cue : str
        The class to imagine; only while its arrow is to be shown.
    asked : str
        The class to imagine, from its cue to the end of its trial.
    feedback : dict of str to float or None
        How far the evidence for each class has come, from 0 (chance) to 1 (decided); None while
        the display is off.
    outcome : str
        ``hit``, ``miss`` or ``timeout`` once feedback has one.
    hits, judged : int
        How many trials were hits, of those that have an outcome.
    n, n_total : int
        The trial's place, from 1, and how many there are.
    pausing : bool
        A pause is asked for and comes at the trial's end.
    dropped : int
        Decisions that came for another trial than the one that was open.
    reason : str
        Why it ended.
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
    pausing: bool = False
    dropped: int = 0
    reason: str = ""

    @property
    def line(self) -> str:
        """The state in words."""
        return LINES[self.state]
