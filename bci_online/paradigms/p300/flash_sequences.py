"""The flashes of a recording in order: whether some are missing, and what codes count from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.input_findings import InputFinding
from bci_online.markers import Flash
from bci_online.toml_text import toml_value

__all__ = ["FlashSequence", "flashed_objects", "missing_flashes", "shifted_codes"]

MOST_MISSING = 0.05
"""Fewer cost nothing that can be measured."""

FEWEST_INTERVALS = 50
# A pause is no loss.
MOST_IN_A_ROW = 6
# Where intervals differ more than this, one of twice the length is no sign of anything.
MOST_SPREAD = 0.5
# So many of the long intervals are whole multiples of a short one.
MULTIPLES = 0.8
FEWEST_GAPS = 5
# By this share of its mean the number of flashes between pauses may scatter. Of losses at random it
# scatters by nearly all.
REGULAR = 0.5
# In so many letters each code flashes equally often, unless flashes are missing.
WHOLE = 0.9
# Random groups, new in each repetition, need no table that a person reads.
MOST_GROUPS = 200
# Labels of so many target flashes must agree with codes that are counted from elsewhere.
AGREE = 0.75


class FlashSequence(msgspec.Struct):
    """The flashes of one letter, or those between two letters.

    Parameters
    ----------
    layout : mapping of int to tuple of str
        What each code lights.
    truth : str
        What was to be spelled; empty if unknown.
    times : list of float
        Common time of each flash in seconds.
    flashes : list of Flash
        What the markers say.

    See Also
    --------
    missing_flashes : Whether markers of flashes are missing.
    shifted_codes : Whether codes are counted from another number than the layout's.

    Examples
    --------
    >>> sequence = FlashSequence({1: ("A", "B"), 2: ("C", "D")}, "A")
    >>> sequence.add(Flash(1), 2.0)
    >>> sequence.codes
    Counter({1: 1})
    """

    layout: Mapping[int, tuple[str, ...]]
    truth: str = ""
    times: list[float] = msgspec.field(default_factory=list)
    flashes: list[Flash] = msgspec.field(default_factory=list)

    def add(self, flash: Flash, time: float) -> None:
        """Take the next flash."""
        self.flashes.append(flash)
        self.times.append(time)

    @property
    def codes(self) -> Counter[int]:
        """How often each code flashed."""
        return Counter(flash.code for flash in self.flashes)


def missing_flashes(sequences: Sequence[FlashSequence]) -> InputFinding | None:
    """Return a finding if markers of flashes are missing here and there.

    Parameters
    ----------
    sequences : sequence of FlashSequence
        Of one recording or several.

    Returns
    -------
    finding : InputFinding or None
        About how many are missing.

    See Also
    --------
    bci_online.stimulus_findings.outside_letters : Flashes that are there and are not used.

    Notes
    -----
    Where flashes come regularly, a missing one leaves an interval of twice the length, and two in a
    row one of three times. Losses at random leave fewer of each further length. Pauses between
    repetitions look alike, but then each code of a letter flashes equally often.

    Examples
    --------
    Of flashes every 0.2 s each third is missing:

    >>> sequence = FlashSequence({})
    >>> rng = np.random.default_rng(0)
    >>> for n in np.flatnonzero(rng.random(300) < 2 / 3).tolist():
    ...     sequence.add(Flash(0), 0.2 * n)
    >>> missing_flashes([sequence]).what
    'about 111 of 290 flashes'
    """
    intervals = np.concatenate([np.diff(one.times) for one in sequences] or [np.zeros(0)])
    gaps = _gaps(intervals[intervals > 0])
    n_missing = int((gaps - 1).sum())
    n_flashes = sum(len(one.flashes) for one in sequences)
    if n_missing <= MOST_MISSING * (n_flashes + n_missing) or _are_whole(sequences):
        return None
    return InputFinding(
        "flashes missing",
        f"about {n_missing} of {n_flashes + n_missing} flashes",
        "their markers are missing: time after time the next flash comes after two or more "
        "intervals; a training learns from the others, and what a missing one evoked is taken for "
        "noise",
        "see that the recorder gets every marker of the screen",
    )


def shifted_codes(sequences: Sequence[FlashSequence]) -> InputFinding | None:
    """Return a finding if all codes are the layout's, but counted from another number.

    Parameters
    ----------
    sequences : sequence of FlashSequence
        Of one recording or several.

    Returns
    -------
    finding : InputFinding or None
        By how much they differ, and a layout with these codes.

    See Also
    --------
    bci_online.paradigms.p300.layout_fit.contradiction : Labels against the layout.

    Examples
    --------
    >>> sequence = FlashSequence({1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C")}, "A")
    >>> for code in (0, 1, 2):
    ...     sequence.add(Flash(code), 0.2 * code)
    >>> print(shifted_codes([sequence]).value.partition(";")[0])
    they run from 0 to 2, those of the layout from 1 to 3
    """
    letters = [one for one in sequences if one.truth]
    seen = {code for one in letters for code in one.codes}
    layouts = {tuple(sorted(one.layout)) for one in letters}
    if len(layouts) != 1 or len(seen) < 2:
        return None
    (codes,) = layouts
    shift = min(seen) - codes[0] if codes else 0
    if not shift or seen != {code + shift for code in codes} or not _agree(letters, shift):
        return None
    is_less = shift < 0
    words = f"{abs(shift)} is {'added to' if is_less else 'subtracted from'} each code"
    layout = letters[0].layout
    return InputFinding(
        "labels contradict",
        "codes of the flashes",
        f"they run from {min(seen)} to {max(seen)}, those of the layout from {codes[0]} to "
        f"{codes[-1]}; they are the same if {words}",
        "count them alike, or give the layout as [layout] codes (bci-online look --toml writes it)",
        "\n".join(f"layout.codes.{code + shift} = {toml_value(layout[code])}" for code in codes),
    )


def flashed_objects(sequences: Sequence[FlashSequence]) -> InputFinding | None:
    """Return a finding if flashes name objects, and the layout does not have their groups.

    Parameters
    ----------
    sequences : sequence of FlashSequence
        Of one recording or several.

    Returns
    -------
    finding : InputFinding or None
        Its lines are the table of these groups; symbols are the numbers of the objects.

    See Also
    --------
    bci_online.config.layout.LayoutSpec : Has the table.

    Examples
    --------
    >>> sequence = FlashSequence({1: ("A", "B")})
    >>> for objects in ((0, 1), (2, 3), (0, 2), (1, 3)):
    ...     sequence.add(Flash.of_objects(objects), 1.0)
    >>> print(flashed_objects([sequence]).line)
    layout.codes.3 = ["0", "1"]
    layout.codes.12 = ["2", "3"]
    layout.codes.5 = ["0", "2"]
    layout.codes.10 = ["1", "3"]
    """
    # Between letters there is no layout.
    letters = [one for one in sequences if one.layout]
    flashes = [(flash, one.layout) for one in letters for flash in one.flashes if flash.objects]
    if all(flash.code in layout for flash, layout in flashes):
        return None
    groups = dict.fromkeys(flash.objects for flash, _ in flashes)
    what, value = f"{len(flashes)} flashes", f"they name {len(groups)} groups of objects"
    by_object = Counter(
        frozenset(number for number, group in enumerate(groups) if one in group)
        for one in {each for group in groups for each in group}
    )
    if len(groups) > MOST_GROUPS or max(by_object.values()) > 1:
        why = (
            "too many for a table" if len(groups) > MOST_GROUPS else "some objects always together"
        )
        return InputFinding("layout", what, f"{value}, {why}: they train, and no letter counts")
    lines = [
        f"layout.codes.{Flash.of_objects(group).code} = {toml_value([*map(str, group)])}"
        for group in groups
    ]
    return InputFinding(
        "layout",
        what,
        f"{value} that the layout lacks: they train, and no letter counts",
        "bci-online look --toml writes the groups into [layout] codes",
        "\n".join(lines),
    )


def _agree(letters: Sequence[FlashSequence], shift: int) -> bool:
    """Return whether stated targets light what was to be spelled, if codes are shifted."""
    lit = [
        one.truth in one.layout.get(flash.code - shift, ())
        for one in letters
        for flash in one.flashes
        if flash.target
    ]
    return sum(lit) >= AGREE * len(lit)


class _Singles(NamedTuple):
    """Intervals in which no flash can be missing: their median, and the range of nearly all."""

    median: float
    shortest: float
    longest: float

    def holds(self, gap: float, n: int) -> bool:
        """Whether `n` intervals make a gap of this length."""
        slack = 0.1 * self.median
        return n * self.shortest - slack <= gap <= n * self.longest + slack


def _gaps(intervals: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each interval over missing flashes how many usual ones it is."""
    none = np.zeros(0, dtype=np.int64)
    if intervals.size < FEWEST_INTERVALS:
        return none
    median = float(np.median(intervals))
    short = intervals[intervals < 1.5 * median]
    singles = _Singles(median, *np.quantile(short, [0.01, 0.99]).tolist())
    if singles.longest - singles.shortest > MOST_SPREAD * median:
        return none
    is_long = (intervals >= 1.5 * median) & (intervals < (MOST_IN_A_ROW + 0.5) * median)
    lengths = np.round(intervals[is_long] / median).astype(np.int64)
    spans = zip(intervals[is_long].tolist(), lengths.tolist(), strict=True)
    fits = [singles.holds(gap, n) for gap, n in spans]
    if len(fits) < FEWEST_GAPS or np.mean(fits) < MULTIPLES:
        return none
    # A pause comes after so many flashes each time; losses do not.
    between = np.diff(np.flatnonzero(is_long))
    if between.std() < REGULAR * between.mean():
        return none
    # At random, each further length is rarer by the same factor as the one before.
    doubles, triples = np.count_nonzero(lengths == 2), np.count_nonzero(lengths == 3)
    expected = doubles**2 / short.size
    return none if expected >= 5 and triples < expected / 3 else lengths


def _are_whole(sequences: Sequence[FlashSequence]) -> bool:
    """Return whether letters have codes, and each flashes equally often in nearly all of them."""
    # Two codes may say which flash is a target.
    counts = [[*one.codes.values()] for one in sequences if len(one.codes) > 2]
    # A letter may end within a repetition.
    return bool(counts) and float(np.mean([np.ptp(count) <= 1 for count in counts])) > WHOLE
