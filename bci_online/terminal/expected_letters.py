"""What to expect of a decoder, by its held-out letters; shown before a session."""

from bci_online.config import DecoderHeader, Expected
from bci_online.counted import counted

__all__ = ["expected_lines"]


def expected_lines(header: DecoderHeader) -> list[str]:
    """Return lines for a person: the stopping rule, and the fixed numbers of repetitions.

    The rule's line is the decoder's promise. Decoders from before promises have none: there the
    line says what held-out letters predict. Of the fixed numbers the one with the most information
    and the largest are shown. Empty for a decoder of too few letters to expect anything.

    Parameters
    ----------
    header : DecoderHeader
        Of a decoder of flashes.

    Returns
    -------
    lines : list of str
        The stopping rule comes first.

    See Also
    --------
    calibration.p300.expectations.expected_spelling : Where the numbers come from.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> expected_lines(DecoderHeader(method="lda", preprocessing=own))
    []
    """
    if not header.expected:
        return []
    rule, *fixed = header.expected
    stated = f"{100 * header.evidence.error_rate:g} %"
    doubt = "" if header.evidence.promised else " (these letters cannot promise that)"
    figures = _figures(rule) if header.promise is None else header.promise.words
    lines = [f"stopping at {stated} errors stated{doubt}: {figures}"]
    if fixed:
        best = max(fixed, key=lambda one: one.bits_per_min[1])
        for one in (best, fixed[-1]) if best is not fixed[-1] else (best,):
            lines.append(f"fixed at {counted(one.repetitions, 'repetition')}: {_figures(one)}")
    return lines


def _figures(one: Expected) -> str:
    low, right, high = (100 * share for share in one.right)
    undecided = f", {100 * one.undecided:.0f} % undecided" if one.undecided >= 0.005 else ""
    soonest, seconds, latest = one.seconds
    least, bits, most = one.bits_per_min
    return (
        f"{right:.0f} % of letters right ({low:.0f}-{high:.0f} %){undecided}, "
        f"{seconds:.1f} s a letter ({soonest:.1f}-{latest:.1f}), "
        f"{bits:.1f} bit/min ({least:.1f}-{most:.1f}); {one.letters} letters"
    )
