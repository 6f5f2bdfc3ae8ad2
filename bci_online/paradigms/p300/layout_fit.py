"""Letters whose labels contradict the configured layout, and the layout that fits them."""

from collections.abc import Sequence

from bci_online.config import LayoutSpec
from bci_online.counted import counted, some
from bci_online.input_findings import InputFinding
from bci_online.paradigms.p300.label_check import LetterLabels, fitting_layout
from bci_online.toml_text import toml_value

__all__ = ["contradiction"]

NAMED = 6


def contradiction(letters: Sequence[LetterLabels], layout: LayoutSpec) -> InputFinding | None:
    """Return a finding if letters' target flashes do not light them in the layout.

    Parameters
    ----------
    letters : sequence of LetterLabels
        Of all recordings.
    layout : LayoutSpec
        The configured one.

    Returns
    -------
    finding : InputFinding or None
        It names the layout that fits, and its line of the configuration.

    See Also
    --------
    bci_online.paradigms.p300.label_check.fitting_layout : Finds the layout.

    Examples
    --------
    >>> letter = LetterLabels("B", targets={1, 8}, n_targets=2, n_wrong=2)
    >>> contradiction([letter], LayoutSpec()).line
    'layout.numbering = "rows-first"'
    """
    wrong = [letter for letter in letters if letter.contradicts]
    if not wrong:
        return None
    named = some(
        [f"{letter.truth} ({' '.join(map(str, sorted(letter.targets)))})" for letter in wrong],
        most=NAMED,
    )
    value = (
        f"in the configured layout the codes of their target flashes do not light {named}; "
        "the flashes train by their labels, but no letter counts and none is promised"
    )
    # A table of codes is no matrix: none fits in its place.
    fitting = None if layout.codes else fitting_layout(letters, layout)
    if fitting is None:
        way = "and no known matrix fits; name the right one in [layout] rows and numbering"
        return InputFinding("layout", counted(len(wrong), "letter"), f"{value}, {way}")
    lines = [f"layout.numbering = {toml_value(fitting.numbering)}"]
    if fitting.rows != layout.rows:
        lines.insert(0, f"layout.rows = {toml_value(fitting.rows)}")
    return InputFinding("layout", counted(len(wrong), "letter"), value, line="\n".join(lines))
