"""How many letters a calibration needs that ends by its own promise.

After each calibration letter, from the third on, a shrinkage LDA is trained and its promise made.
The calibration ends where the lower end of the promised share of right letters is 90 %, at the
latest after 20 letters. The decoder of that moment then spells the fresh letters, and so does the
decoder of all 20: a calibration that ends early must not cost accuracy. Stated error rate 5 %.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from bci_online.config import Promise
from benchmarks.evidence_tables import interval
from benchmarks.promise import Kept

FEWEST, MOST = 3, 20
WANTED = 0.9


class Length(msgspec.Struct, frozen=True):
    """Where one subject's calibration ended, and what came of it; ``whole`` is that of 20."""

    ended: int
    early: Kept
    whole: Kept


def length_of(
    promised: Callable[[int], Promise | None], kept: Callable[[int], Kept | None]
) -> Length:
    """Calibrate letter by letter until enough is promised, then spell.

    Parameters
    ----------
    promised, kept : callable
        What so many letters promise, and what comes of it; None for no promise.
    """
    for n in range(FEWEST, MOST + 1):
        promise = promised(n)
        if promise is not None and promise.right[0] >= WANTED:
            break
    early, whole = kept(n), kept(MOST)
    assert early is not None
    assert whole is not None
    return Length(n, early, whole)


def table(found: list[Length]) -> list[str]:
    """Return the lines of the page's table."""
    ended = np.array([one.ended for one in found])
    quarter, median, most = np.percentile(ended, [25, 50, 75])
    lines = [
        f"A calibration that ends by itself takes a median of {median:.0f} of {MOST} letters, "
        f"quartiles {quarter:.0f} and {most:.0f}; {np.sum(ended == MOST)} of {ended.size} subjects "
        "took all.",
        "",
        "| calibration | letters right, % (95 % interval over subjects) | s a letter |",
        "|---|---|---|",
    ]
    for name, kept in (
        ("ends by itself", [one.early for one in found]),
        (f"all {MOST} letters", [one.whole for one in found]),
    ):
        right, letters = (
            np.array([getattr(one, what) for one in kept]) for what in ("right", "letters")
        )
        low, high = interval(right, letters)
        seconds = np.mean([one.seconds[0] for one in kept])
        lines.append(
            f"| {name} | {100 * right.sum() / letters.sum():.1f} "
            f"({100 * low:.1f}-{100 * high:.1f}) | {seconds:.1f} |"
        )
    return lines
