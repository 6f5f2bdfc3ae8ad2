"""Motor imagery: the times of a trial, where classes point, what feedback looks like."""

from collections.abc import Container, Sequence
from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import Label, Seconds
from bci_online.config.section import Section

__all__ = ["REST", "Direction", "ImagerySpec", "is_unanswerable"]

Direction = Literal["left", "right", "up", "down"]

REST = "rest"
"""The cue for rest."""

DIRECTIONS: tuple[Direction, ...] = ("left", "right", "up", "down")
# Feet and tongue as in the recordings of Graz, both hands above both feet as in those of PhysioNet.
USUAL: dict[str, Direction] = {
    "left_hand": "left", "left": "left", "right_hand": "right", "right": "right",
    "tongue": "up", "hands": "up", "both_hands": "up", "feet": "down", "foot": "down",
}  # fmt: skip


def is_unanswerable(label: str | None, classes: Container[str]) -> bool:
    """Return whether no decision can be right after a cue: for rest, if rest is no class.

    Parameters
    ----------
    label : str or None
        What the cue asked for; None if that is not known.
    classes : container of str
        What the decoder can decide.

    Returns
    -------
    unanswerable : bool
        Then every decision counts as a false activation.

    See Also
    --------
    bci_online.session_state.score.right_and_known : Leaves such trials out.

    Examples
    --------
    >>> is_unanswerable("rest", ("left", "right")), is_unanswerable("rest", ("rest", "feet"))
    (True, False)
    """
    return label == REST and REST not in classes


class ImagerySpec(Section, frozen=True):
    """Motor imagery: a trial's times, in seconds from its start, and what the subject sees.

    The cross is shown from the beginning, the arrow from ``cue`` to ``feedback``. Imagery lasts
    until ``end``.

    Parameters
    ----------
    cue : float
        When the arrow appears; the cross is there from the beginning.
    feedback : float
        When the arrow goes and feedback begins.
    end : float
        When imagery and the trial end.
    outcome : float
        How long an outcome is shown.
    shortest_pause : float
        Shortest pause between trials; the length is random.
    longest_pause : float
        Longest pause between trials.
    shape : {"bar", "ball", "cursor"}
        What moves in feedback.
    smoothing : float
        Time constant of its motion; no decision depends on it.
    directions : dict of str to str
        Where a class points instead of its usual direction: left, right, up or down.
    words : dict of str to str
        What the subject reads beneath the arrow instead of a class's usual name.

    See Also
    --------
    bci_online.paradigms.motor_imagery.presentation.GrazPresentation : Shows the trials.

    References
    ----------
    Pfurtscheller and Neuper (2001), Proceedings of the IEEE 89(7): the times.

    Examples
    --------
    >>> ImagerySpec(cue=2.0, feedback=1.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: cue=2, feedback=1, end=6 s must satisfy 0 <= cue <= feedback <= end
    """

    cue: Seconds = 2.0
    feedback: Seconds = 3.25
    end: Seconds = 6.0
    outcome: Seconds = 1.0
    shortest_pause: Seconds = 1.5
    longest_pause: Seconds = 3.5
    shape: Literal["bar", "ball", "cursor"] = "bar"
    smoothing: Seconds = 0.1
    directions: Annotated[dict[Label, Direction], msgspec.Meta(max_length=100)] = msgspec.field(
        default_factory=dict
    )
    words: Annotated[dict[Label, Label], msgspec.Meta(max_length=100)] = msgspec.field(
        default_factory=dict
    )

    def check(self) -> None:
        """Refuse times that are not in order."""
        if not self.cue <= self.feedback <= self.end or not self.end:
            raise ValueError(
                f"cue={self.cue:g}, feedback={self.feedback:g}, end={self.end:g} s must satisfy "
                "0 <= cue <= feedback <= end"
            )
        if self.shortest_pause > self.longest_pause:
            raise ValueError(
                f"shortest_pause={self.shortest_pause:g} s must be at most "
                f"longest_pause={self.longest_pause:g} s"
            )

    def check_classes(self, classes: Sequence[str]) -> None:
        """Refuse classes that are too few or not unique, or that point to the same side.

        Rest may be one of two: a decoder can tell imagery from rest.

        Raises
        ------
        ValueError
            If there are fewer than two, or if one of them is named twice or has no name.
        """
        if len(classes) < 2 or len(set(classes)) < len(classes) or "" in classes:
            raise ValueError(
                f"presentation.classes must be two or more different names, got {list(classes)}"
            )
        self.directions_of(classes)

    def directions_of(self, classes: Sequence[str]) -> dict[str, Direction]:
        """Return where each class points: as configured, else as usual, else to a free side.

        Rest points nowhere, nor does a class for which no side is left.

        Raises
        ------
        ValueError
            If ``directions`` has two of them point to the same side.

        Examples
        --------
        >>> ImagerySpec().directions_of(("left_hand", "feet", "rest"))
        {'left_hand': 'left', 'feet': 'down'}
        """
        found: dict[str, Direction] = {}
        for name in classes:
            at = self.directions.get(name)
            same = next((other for other, taken in found.items() if taken == at), None)
            if at is not None and same is not None:
                raise ValueError(f"directions: {same} and {name} both point {at}")
            if at is not None:
                found[name] = at
        for name in classes:
            usual = USUAL.get(name)
            if name not in found and usual is not None and usual not in found.values():
                found[name] = usual
        for name in classes:
            free = next((at for at in DIRECTIONS if at not in found.values()), None)
            if name not in found and name != REST and free is not None:
                found[name] = free
        return found
