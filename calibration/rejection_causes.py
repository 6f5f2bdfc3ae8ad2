"""Why every epoch of a recording was rejected, in words, and what helps."""

from collections import Counter
from collections.abc import Mapping

__all__ = ["cause_of"]

CAUSES = {
    "gap": "they lie over lost samples, or over a step of the stamps; look at the recording's gaps",
    "settling": "the filter had not settled; begin to record some seconds before the first {piece}",
    "out_of_ring": "they lie at times without samples; see that EEG and markers have one clock",
    "incomplete": "no complete samples follow them; see that every channel holds numbers "
    "(eeg.exclude leaves one out) and that the recording does not end before",
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
    calibration.chain_runs.ChainRuns : Asks for it.

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
