"""What a decoder knows of the scores that it decides by, in words."""

from bci_online.config import DecoderHeader, Evidence
from bci_online.paradigms.p300.nobody import LEAST, MOST

__all__ = ["known_facts"]

SHOWN_AFTER = 5
"""Repetitions after which the report says what the evidence is worth."""


def known_facts(header: DecoderHeader) -> list[tuple[str, str]]:
    """Return names and values of what turns scores into decisions.

    Parameters
    ----------
    header : DecoderHeader
        Of any decoder.

    Returns
    -------
    rows : list of (str, str)
        Name and value.

    See Also
    --------
    bci_online.config.evidence.Evidence : The numbers behind it.
    calibration.report.wording.key_facts : What to expect of them.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> evidence = Evidence(target_mean=2.0, nontarget_mean=0.0, code_spread=0.3, nobody=0.5)
    >>> facts = known_facts(DecoderHeader(method="lda", preprocessing=own, evidence=evidence))
    >>> dict(facts)["repetitions, κ"]
    '0.09: after 5 repetitions their sum counts 69 %'
    """
    evidence = header.evidence
    rows = _of_flashes(evidence) if header.paradigm == "p300" else _of_windows(evidence)
    stated = f"at a stated {100 * evidence.error_rate:g} % wrong"
    return [
        *rows,
        ("temperature", f"{evidence.temperature:.3g}, which the summed evidence is multiplied by"),
        ("decides", f"where the posterior reaches {evidence.threshold:.4g}, {stated}"),
    ]


def _of_flashes(evidence: Evidence) -> list[tuple[str, str]]:
    difference = evidence.target_mean - evidence.nontarget_mean
    error = f" ± {evidence.difference_error:.2g}" if evidence.difference_error else ""
    kept = 100 / (1 + SHOWN_AFTER * evidence.saturation)
    of_code, of_letter = (
        f"{(spread / evidence.spread) ** 2:.2g}"
        for spread in (evidence.code_spread, evidence.letter_spread)
    )
    nobody = "not weighed: a symbol is always meant"
    if evidence.nobody:
        nobody = (
            f"{evidence.nobody:g} before the first letter, then by the last letters, "
            f"{LEAST:g} to {MOST:g}"
        )
    return [
        ("mean score", f"targets {evidence.target_mean:.2f}, others {evidence.nontarget_mean:.2f}"),
        ("difference", f"{difference:.2f}{error}; a single flash varies by {evidence.spread:.2f}"),
        ("a code's own part, ω²", f"{of_code} of a flash's variance"),
        ("a letter's own part, τ²", f"{of_letter} of a flash's variance"),
        (
            "repetitions, κ",
            f"{evidence.saturation:.2g}: after {SHOWN_AFTER} repetitions their sum counts "
            f"{kept:.0f} %",
        ),
        ("prior that nobody looks", nobody),
    ]


def _of_windows(evidence: Evidence) -> list[tuple[str, str]]:
    idle = f"{evidence.idle:g}" if evidence.idle else "not weighed: a class is always meant"
    return [
        ("scale", f"{evidence.scale:.3g} times a window's values are its log-odds"),
        ("prior that nothing is imagined", idle),
    ]
