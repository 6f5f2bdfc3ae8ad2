"""A session's figures in words: counts with intervals."""

from bci_online.runtime.tally import Summary

__all__ = ["session_facts", "share"]


def share(right: float, of: int, interval: tuple[float, float]) -> str:
    """Return how many of how many, with the 95 % interval.

    Parameters
    ----------
    right : float
        How many.
    of : int
        Of how many.
    interval : tuple of float
        95 % interval of the share, from 0 to 1.

    Returns
    -------
    text : str
        The interval is in percent.

    See Also
    --------
    calibration.report.wording.auc_text : The same for an AUC.

    Examples
    --------
    >>> share(19, 20, (0.764, 0.991))
    '19 of 20 (95 % interval 76–99 %)'
    """
    low, high = (100 * end for end in interval)
    return f"{right:g} of {of} (95 % interval {low:.0f}–{high:.0f} %)"


def session_facts(summary: Summary) -> list[tuple[str, str]]:
    """Return how the decoder does on a session it was not trained on; never what was spelled.

    Parameters
    ----------
    summary : Summary
        Of a replay.

    Returns
    -------
    rows : list of (str, str)
        Name and value; nothing of what was spelled.

    See Also
    --------
    calibration.report.wording.key_facts : The same for held-out data.
    """
    what = "letters" if summary.paradigm == "p300" else "trials"
    rows = [
        (
            what,
            f"{summary.presented} presented, {summary.decisions} decided, "
            f"{summary.no_decision} without a decision",
        )
    ]
    if summary.known and summary.accuracy_ci is not None:
        text = share(summary.correct, summary.known, summary.accuracy_ci)
        rows.append(("right", f"{text}, of those whose truth is known"))
    if summary.auc is not None:
        rows.append(("AUC", f"{summary.auc:.3f}, {summary.epochs} scored"))
    rows.append(("time", f"{summary.duration_s / 60:.1f} min, pauses included"))
    if summary.known:
        rows.append(("information", f"{summary.itr_bits_per_min:.1f} bit/min"))
    return rows
