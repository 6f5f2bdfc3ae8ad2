"""What became of the stimuli of a recording that are not used, in words, and what helps."""

from collections import Counter
from collections.abc import Mapping

from bci_online.input_findings import InputFinding

__all__ = ["CAUSES", "cause_of", "letter_cut_off", "outside_letters"]

CAUSES = {
    "gap": "they lie over lost samples, or over a step of the stamps; look at the recording's gaps",
    "settling": "the filter had not settled; begin to record some seconds before the first {piece}",
    "out_of_ring": "they lie at times without samples; see that EEG and markers have one clock",
    "incomplete": "no complete samples follow them; see that every channel holds numbers "
    "(eeg.exclude leaves one out) and that the recording does not end before",
    "channel": "a channel was dead or held no numbers then; eeg.exclude leaves it out",
    "artefact": "they are too large; see eeg.unit, and artefacts.k",
    "unlabelled": "no {piece} says whether it is a target; translate the label, or let "
    "trial/start/<letter> and the layout say it",
}
"""What each reason to reject means, and the way out."""


def cause_of(rejected: Mapping[str, int], untranslated: Counter[str], piece: str) -> str:
    """Return what the most frequent reason means, and the way out.

    Parameters
    ----------
    rejected : mapping of str to int
        Rejected epochs by reason, the most frequent first.
    untranslated : Counter
        Markers that were not read.
    piece : str
        What is cut, such as ``flash``.

    Returns
    -------
    text : str
        Empty for an unknown reason.

    See Also
    --------
    letter_cut_off, outside_letters : Other stimuli that are not used.

    Examples
    --------
    >>> print(cause_of({"settling": 3}, Counter(), "flash"))
    the filter had not settled; begin to record some seconds before the first flash
    """
    why = CAUSES.get(next(iter(rejected)), "").format(piece=piece)
    if "unlabelled" in rejected and untranslated:
        listed = untranslated.most_common(3)
        why += "; not read were " + ", ".join(f"{n} times {text!r}" for text, n in listed)
        why += "; if they come with the flashes, markers.join or markers.preset reads both"
    return why


def letter_cut_off(number: int, truth: str, n_flashes: int) -> InputFinding:
    """Return the finding that a recording ends within a letter.

    Parameters
    ----------
    number : int
        Of the letter, from 1.
    truth : str
        What was to be spelled; empty if unknown.
    n_flashes : int
        How many of its flashes take part.

    Returns
    -------
    finding : InputFinding
        It costs little.

    See Also
    --------
    outside_letters : What the next recording begins with.

    Examples
    --------
    >>> print(letter_cut_off(3, "A", 40).text)
    letter 3 (A): the recording ends within it; its 40 flashes take part
    """
    value = f"the recording ends within it; its {n_flashes} flashes take part"
    return InputFinding("letter cut", f"letter {number} ({truth or '?'})", value)


def outside_letters(n_flashes: int) -> InputFinding:
    """Return the finding that flashes lie in no letter while others lie in one.

    Parameters
    ----------
    n_flashes : int
        How many.

    Returns
    -------
    finding : InputFinding
        It costs little.

    See Also
    --------
    letter_cut_off : A letter whose end is missing.

    Examples
    --------
    >>> print(outside_letters(48).what)
    48 flashes
    """
    value = "they lie in no letter and are left out: no trial/start came before them"
    return InputFinding("letter cut", f"{n_flashes} flashes", value)
