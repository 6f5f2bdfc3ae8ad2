"""What the subject's screen shows, and for how long."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import Label, Names, Repetitions, Seconds, Text
from bci_online.config.section import Section

__all__ = ["Presentation"]


class Presentation(Section, frozen=True):
    """What the screen shows: times in ms (``_ms``) or s (``_s``).

    Times in ms are rounded to whole frames of ``refresh_hz``.

    Parameters
    ----------
    flash_ms : float
        Length of a flash; it is rounded to whole frames.
    gap_ms : float
        From the end of a flash to the next one; it is rounded to whole frames.
    refresh_hz : float
        Refresh rate of the display; it is measured where frames wait for the display.
    order : {"row-column", "random-groups"}
        What flashes together; random groups have no neighbours and change with each repetition.
    repetitions : int
        Repetitions of each letter in calibration.
    cue_s : float
        How long the cue is shown.
    decision_s : float
        How long a decision is shown.
    pause_s : float
        Pause between two letters.
    attempts : int
        How often a letter without a decision is asked for.
    backspace : str
        Symbol that takes back the letter before. It can always be chosen in free spelling, in the
        layout or beside it; empty: none.
    rest : str
        Symbol with which the subject asks for a pause, as with the one before; empty: none.
    waiting_s : float
        How much longer the pause is after a letter that nobody looked at, and again after each
        next one.
    rest_after : int
        After so many such letters the session pauses until it is resumed; 0: never.
    words : tuple of str
        What is copied in calibration. Words are spelled with the symbols of the layout.
    until : str
        A share such as 9/10: a calibration ends once its letters promise so many right, at the
        latest after its words; empty: after its words.
    answers : int
        Error potentials: how many answers of the speller a calibration shows.
    wrong_answers : float
        Error potentials: the share of these answers that are wrong on purpose.
    classes : tuple of str
        Motor imagery: what is imagined; rest may be one of them.
    trials_per_class : int
        Motor imagery: cues of each class.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : Shows letters.

    Examples
    --------
    >>> Presentation(flash_ms=100.0, gap_ms=75.0, refresh_hz=60.0).frames()
    (6, 4)
    >>> Presentation(until="9/10").wanted
    0.9
    """

    flash_ms: Annotated[float, msgspec.Meta(gt=0, le=10_000, extra={"unit": "ms"})] = 100.0
    gap_ms: Annotated[float, msgspec.Meta(ge=0, le=10_000, extra={"unit": "ms"})] = 75.0
    refresh_hz: Annotated[float, msgspec.Meta(ge=1, le=1000, extra={"unit": "Hz"})] = 60.0
    order: Literal["row-column", "random-groups"] = "row-column"
    repetitions: Repetitions = 15
    cue_s: Seconds = 1.5
    decision_s: Seconds = 1.5
    pause_s: Seconds = 2.5
    attempts: Repetitions = 3
    backspace: Label = "⌫"
    rest: Label = "☾"
    waiting_s: Seconds = 5.0
    rest_after: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 4
    until: Label = ""
    words: Annotated[tuple[Text, ...], msgspec.Meta(max_length=1000)] = (
        "THE",
        "QUICK",
        "BROWN",
        "FOX",
    )
    answers: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 80
    wrong_answers: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.25
    classes: Names = ("left_hand", "right_hand")
    trials_per_class: Repetitions = 20

    def check(self) -> None:
        """Refuse a text that is no share of letters."""
        if self.until:
            right, slash, of = self.until.partition("/")
            is_share = slash and right.isdecimal() and of.isdecimal()
            if not (is_share and 0 < int(right) < int(of)):
                raise ValueError(
                    f"until = {self.until!r} must be like '9/10': 9 of 10 letters right"
                )

    @property
    def wanted(self) -> float | None:
        """The share of letters that a calibration is to promise; None: all words are shown."""
        if not self.until:
            return None
        right, _, of = self.until.partition("/")
        return int(right) / int(of)

    def frames(self) -> tuple[int, int]:
        """Return the length of a flash and of a gap in whole frames."""
        flash = max(1, round(self.flash_ms * self.refresh_hz / 1000))
        return flash, round(self.gap_ms * self.refresh_hz / 1000)
