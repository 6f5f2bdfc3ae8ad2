"""What a report says in words: the opening line, and figures with their counts and intervals."""

import math

from bci_online.config import DecoderHeader, DecoderMetrics
from bci_online.metrics import proportion_interval
from bci_online.preprocessing.filters import band_delays
from calibration.report.session_wording import share

__all__ = ["auc_text", "chosen_on_all", "key_facts", "opening"]

MOST_LISTED = 24


def opening(header: DecoderHeader) -> str:
    """Return the line with what to expect of the decoder.

    Parameters
    ----------
    header : DecoderHeader
        Of any decoder.

    Returns
    -------
    line : str
        Letters or trials right, with the interval, and seconds for each.

    See Also
    --------
    key_facts : All figures.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> opening(DecoderHeader(method="lda", preprocessing=own))
    '2 sensors; too few letters were held out to predict how many would be right.'
    """
    sensors = _sensors(header)
    if header.paradigm == "motor_imagery":
        return f"{sensors}, {_imagery_expected(header)}."
    if not header.expected:
        return f"{sensors}; too few letters were held out to predict how many would be right."
    rule = header.expected[0] if header.promise is None else header.promise
    low, middle, high = (10 * part for part in rule.right)
    return (
        f"{sensors}, {middle:.1f} of 10 letters expected (95 % interval {low:.1f}–{high:.1f}, from "
        f"{rule.letters} held-out letters), {rule.seconds[1]:.0f} s per letter."
    )


def chosen_on_all(header: DecoderHeader) -> str:
    """Return a note if the tested letters took part in the choice of sensors; else nothing.

    Parameters
    ----------
    header : DecoderHeader
        Of any decoder.

    Returns
    -------
    note : str
        Empty if there is nothing to say.

    See Also
    --------
    auc_text : Is free of that.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> chosen_on_all(DecoderHeader(method="lda", preprocessing=own))  # no sensor was left out
    ''
    """
    recorded = DecoderMetrics.of(header.metrics).recorded or 0
    if recorded <= len(header.preprocessing.ch_names) or not header.expected:
        return ""
    note = (
        "The expected letters and times are those of letters that were left out of the fit, but "
        "the sensors were chosen on all letters."
    )
    if not auc_text(header):
        return note
    return (
        f"{note} The AUC, and the letters with all repetitions, do not have this bias: there the "
        "sensors were chosen without the tested letters."
    )


def _sensors(header: DecoderHeader) -> str:
    n = len(header.preprocessing.ch_names)
    recorded = DecoderMetrics.of(header.metrics).recorded or 0
    if recorded >= n:
        return f"{n} of {recorded} sensors"
    return f"{n} sensor{'s' * (n != 1)}"


def _imagery_expected(header: DecoderHeader) -> str:
    found = DecoderMetrics.of(header.metrics)
    trials, right = found.trials or 0, found.right or 0
    if not trials:
        return "not evaluated on held-out trials"
    low, high = (10 * end for end in proportion_interval(right, trials))
    middle = 10 * right / trials
    taken = f", {found.seconds:.1f} s per decision" if isinstance(found.seconds, float) else ""
    return (
        f"{middle:.1f} of 10 trials expected right (95 % interval {low:.1f}–{high:.1f}, from "
        f"{trials:g} held-out trials){taken}"
    )


def auc_text(header: DecoderHeader) -> str:
    """Return the held-out AUC with its interval; empty if there is none.

    Parameters
    ----------
    header : DecoderHeader
        Of any decoder.

    Returns
    -------
    text : str
        Empty if none was measured.

    See Also
    --------
    key_facts : The other figures.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> metrics = {"auc": 0.93, "auc_low": 0.9, "auc_high": 0.95, "split": "run"}
    >>> auc_text(DecoderHeader(method="lda", preprocessing=own, metrics=metrics))
    '0.930 (folds by run, 95 % interval 0.900–0.950)'
    """
    found = DecoderMetrics.of(header.metrics)
    area, low, high = found.auc, found.auc_low, found.auc_high
    if not isinstance(area, float) or math.isnan(area):
        return ""
    interval = ""
    if isinstance(low, float) and isinstance(high, float):
        interval = f", 95 % interval {low:.3f}–{high:.3f}"
    return f"{area:.3f} (folds by {found.split or 'letter'}{interval})"


def key_facts(header: DecoderHeader) -> list[tuple[str, str]]:
    """Return names and values of the figures from held-out data.

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
    opening : The most important of them in one line.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> key_facts(DecoderHeader(method="lda", preprocessing=own))[:2]
    [('method', 'lda'), ('sensors', 'Cz Pz')]
    """
    names = header.preprocessing.ch_names
    listed = (
        " ".join(names)
        if len(names) <= MOST_LISTED
        else f"{len(names)}, listed under How it was made"
    )
    rows = [("method", header.method), ("sensors", listed)]
    if header.paradigm == "motor_imagery":
        rows += _imagery_facts(header)
    else:
        rows += _flash_facts(header)
    what = "letters" if header.paradigm == "p300" else "decided trials"
    rows.append(("what the subject feels", _felt(header)))
    rows.append(("stopping", _stopping(header, what)))
    if header.evidence.expected_false is not None:
        rows.append(("idle", _idle(header, *header.evidence.expected_false)))
    return rows


def _idle(header: DecoderHeader, low: float, middle: float, high: float) -> str:
    """Return how often something is decided at rest, on the data of the threshold."""
    stated = header.stopping.false_activations_per_minute
    missed = "" if middle <= stated else ", which no threshold reaches"
    return (
        f"{stated:g} false activations a minute stated{missed}; {middle:.2g} expected "
        f"(95 % interval {low:.1f}–{high:.1f})"
    )


def _felt(header: DecoderHeader) -> str:
    """Return how long the subject waits, part by part."""
    own = header.preprocessing
    rest = "the amplifier's blocks (often 0.03–0.13 s), transport and display add to this"
    if header.paradigm == "p300":
        return f"a letter is decided at least {own.scored_s:.2f} s after its last flash; {rest}"
    delays = band_delays(own.filter, own.sfreq)
    window, slowest = own.scored_s / 2, max(delays)
    held = f"{slowest:.2f} s" if len(delays) == 1 else f"{min(delays):.2f}–{slowest:.2f} s"
    return (
        f"feedback follows the imagery by {window + slowest:.2f} s: half the window "
        f"{window:.2f} s, filter {held}; {rest}"
    )


def _flash_facts(header: DecoderHeader) -> list[tuple[str, str]]:
    rows = [("flash AUC, held out", auc_text(header) or "not evaluated")]
    found = DecoderMetrics.of(header.metrics)
    letters, right = found.letters or 0, found.letters_right or 0
    if letters:
        rows.append(
            (
                "letters, all repetitions",
                f"{share(right, letters, proportion_interval(right, letters))} right, held out",
            )
        )
    if header.promise is not None:
        rows.append(("promise", header.promise.words))
    if header.expected:
        rule = header.expected[0]
        if header.promise is None:
            low, middle, high = rule.seconds
            seconds = f"{middle:.1f} s, pauses included (95 % interval {low:.1f}–{high:.1f} s)"
            rows.append(("time per letter", seconds))
        low, middle, high = rule.bits_per_min
        rows.append(("information", f"{middle:.1f} bit/min (95 % interval {low:.1f}–{high:.1f})"))
        if rule.undecided:
            rows.append(("no decision", f"{100 * rule.undecided:.0f} % of the letters"))
    return rows


def _imagery_facts(header: DecoderHeader) -> list[tuple[str, str]]:
    found = DecoderMetrics.of(header.metrics)
    trials = found.trials or 0
    if not trials:
        return [("held out", "not evaluated")]
    right, whole = found.right or 0, found.right_whole or 0
    split = found.split or "trial"
    rows = [
        (
            "with stopping",
            f"{share(right, trials, proportion_interval(right, trials))} right, folds by {split}; "
            f"{trials - (found.decided or 0)} timeouts count as wrong",
        ),
        (
            "whole trial",
            f"{share(whole, trials, proportion_interval(whole, trials))} right, held out",
        ),
    ]
    if isinstance(found.bits_per_min, float):
        rows.append(("information", f"{found.bits_per_min:.1f} bit/min, pauses included"))
    if isinstance(found.false_per_min, float):
        rows.append(("at rest", _at_rest(found, found.false_per_min)))
    return rows


def _at_rest(found: DecoderMetrics, false_per_min: float) -> str:
    minutes = found.rest_min or 0.0
    text = f"{false_per_min:.1f} false activations a minute"
    if isinstance(found.false_low, float) and isinstance(found.false_high, float):
        text += f" (95 % interval {found.false_low:.1f}–{found.false_high:.1f})"
    text += f", {round(false_per_min * minutes)} in {minutes:.1f} min of rest, held out"
    if found.rest_cues:
        text += f"; nothing decided after {found.rest_cues_kept} of {found.rest_cues} rest cues"
    return text


def _stopping(header: DecoderHeader, what: str) -> str:
    evidence = header.evidence
    stated = f"{100 * evidence.error_rate:g} % stated"
    error = evidence.expected_error if header.promise is None else header.promise.error
    if error is None:
        return f"{stated}; too little was held out to expect an error rate"
    low, middle, high = (100 * rate for rate in error)
    expected = f"{middle:.1f} % of {what} wrong expected (95 % interval {low:.1f}–{high:.1f} %)"
    promise = "" if evidence.promised else ", which cannot be promised"
    return f"{stated}{promise}; {expected}"
