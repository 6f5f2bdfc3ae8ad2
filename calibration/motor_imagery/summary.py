"""A training of imagery, as a table or as one JSON line."""

import msgspec

from bci_online.config import DecoderHeader, Evidence
from bci_online.stimulus_findings import causes_of
from bci_online.summaries import bad_channels_text, lost_text
from calibration.motor_imagery.evaluation import Outcome
from calibration.motor_imagery.training import Trained
from calibration.training_request import TrainingRequest

__all__ = ["figures", "summary"]


def summary(trained: Trained, request: TrainingRequest) -> dict[str, object]:
    """Return the JSON line of a training.

    Parameters
    ----------
    trained : Trained
        What the training found.
    request : TrainingRequest
        Its settings.

    Returns
    -------
    line : dict
        Numbers, not their texts; None where something was not measured.

    See Also
    --------
    figures : The same for people.
    """
    header, outcome = trained.decoder.header, trained.outcome
    held_out = {"accuracy": None, "accuracy_ci": None} if outcome is None else _figures_of(outcome)
    return {
        "type": "summary",
        "method": header.method,
        "tried": msgspec.to_builtins(header.tried),
        **held_out,
        "from_nothing": None if trained.from_nothing is None else _figures_of(trained.from_nothing),
        "classes": header.classes,
        "sensors": header.preprocessing.ch_names,
        "expected_error": header.evidence.expected_error,
        "error_rate": header.evidence.error_rate,
        "promised": header.evidence.promised,
        "idle": header.evidence.idle,
        "expected_false": header.evidence.expected_false,
        "trials": trained.trials,
        "windows": trained.n_windows,
        "rejected": trained.rejected,
        "bad_channels": msgspec.to_builtins(trained.bad_channels),
        "gaps": trained.gaps,
        "steps": trained.steps,
        "lost_samples": trained.lost_samples,
        "untranslated": trained.untranslated,
        "seconds": trained.seconds,
        "decoder": str(request.output),
    }


def _figures_of(outcome: Outcome) -> dict[str, object]:
    return {
        "accuracy": outcome.right / outcome.trials if outcome.trials else None,
        "accuracy_ci": outcome.right_ci,
        "split": outcome.split,
        "folds": outcome.n_folds,
        "held_out_trials": outcome.trials,
        "correct": outcome.right,
        "no_decision": outcome.trials - outcome.decided,
        "correct_whole_trial": outcome.right_whole,
        "whole_trial_ci": outcome.whole_ci,
        "time_to_decision_s": outcome.seconds,
        "itr_bits_per_min": outcome.itr_bits_per_min,
        "false_activations_per_min": outcome.false_per_min,
        "false_activations": outcome.n_false,
        "false_activations_ci": outcome.false_ci,
        "rest_min": outcome.rest_min,
        "rest_cues": outcome.rest_cues,
        "rest_cues_undecided": outcome.rest_cues_kept,
        "confusion": outcome.confusion,
    }


def figures(trained: Trained, request: TrainingRequest) -> list[tuple[str, str]]:
    """Return the rows of the table: name and value of each figure.

    Parameters
    ----------
    trained : Trained
        What the training found.
    request : TrainingRequest
        Its settings.

    Returns
    -------
    rows : list of (str, str)
        Held-out figures come first.

    See Also
    --------
    summary : The same for programs.
    calibration.p300.summary.figures : The same for flashes.
    """
    names = trained.decoder.header.preprocessing.ch_names
    causes = causes_of(trained.rejected, "cue", trained.lost_samples, trained.steps)
    rejected = f"{sum(trained.rejected.values())}" if trained.rejected else "none"
    trials = ", ".join(f"{n} {name}" for name, n in trained.trials.items())
    outcome = trained.outcome
    held_out = [("held out", "not evaluated")] if outcome is None else _held_out(outcome)
    return [
        *held_out,
        *_tried(trained.decoder.header),
        *_from_nothing(trained.from_nothing),
        ("stopping", _stopping(trained.decoder.header.evidence, sum(trained.trials.values()))),
        ("idle", _idle(trained.decoder.header)),
        ("sensors", f"{len(names)}: {' '.join(names)}"),
        ("trials", trials),
        ("windows", f"{trained.n_windows}; rejected: {rejected}"),
        *(("", cause.text) for cause in causes),
        ("bad channels", bad_channels_text(trained.bad_channels)),
        ("lost", lost_text(trained.lost_samples, trained.gaps, trained.steps)),
        ("not read", f"{sum(trained.untranslated.values())} markers"),
        ("took", f"{trained.seconds:.1f} s"),
        ("decoder", str(request.output)),
    ]


def _tried(header: DecoderHeader) -> list[tuple[str, str]]:
    """Return the method that was taken, and all that were tried."""
    if not header.tried:
        return []
    why = "the first that is not worse than the best by more than a standard error"
    lines = [
        f"{one.method} to {one.h_freq:g} Hz: {100 * one.held_out[1]:.0f} % right "
        f"({100 * one.held_out[0]:.0f}-{100 * one.held_out[2]:.0f} %), "
        f"{100 * one.behind:.1f} ± {100 * one.error:.1f} % behind, {one.seconds:.1f} s"
        for one in header.tried
    ]
    names = ["tried", *[""] * (len(lines) - 1)]
    return [("method", f"{header.method}: {why}"), *zip(names, lines, strict=True)]


def _share(right: int, of: int, interval: tuple[float, float]) -> str:
    low, high = (100 * end for end in interval)
    return f"{right} of {of} right (95 % interval {low:.0f}-{high:.0f} %)"


def _held_out(outcome: Outcome) -> list[tuple[str, str]]:
    timeouts = outcome.trials - outcome.decided
    taken = "" if outcome.seconds is None else f", {outcome.seconds:.1f} s from the cue (median)"
    whole = _share(outcome.right_whole, outcome.trials, outcome.whole_ci)
    stopped = _share(outcome.right, outcome.trials, outcome.right_ci)
    n = outcome.without_windows
    without = f", {n} of them without any window" if n else ""
    return [
        ("whole trial", f"{whole}; {outcome.n_folds} folds by {outcome.split}"),
        ("online", f"{stopped}; {timeouts} timeouts count as wrong{without}{taken}"),
        ("information", f"{outcome.itr_bits_per_min:.1f} bit/min, pauses included"),
        ("at rest", _at_rest(outcome)),
    ]


def _from_nothing(outcome: Outcome | None) -> list[tuple[str, str]]:
    if outcome is None:
        return []
    whole = _share(outcome.right_whole, outcome.trials, outcome.whole_ci)
    online = f"online {outcome.right} of {outcome.trials}"
    return [("from nothing", f"whole trial {whole}; {online}; the same folds")]


def _at_rest(outcome: Outcome) -> str:
    if outcome.false_per_min is None or outcome.false_ci is None:
        return "no rest was recorded"
    low, high = outcome.false_ci
    rest = (
        f"{outcome.n_false} false activations in {outcome.rest_min:.1f} min: "
        f"{outcome.false_per_min:.1f} per minute (95 % interval {low:.1f}-{high:.1f})"
    )
    if outcome.rest_cues:
        rest += f"; nothing decided after {outcome.rest_cues_kept} of {outcome.rest_cues} rest cues"
    return rest


def _idle(header: DecoderHeader) -> str:
    """Return whether idle is known, and what to expect at rest."""
    rates = header.evidence.expected_false
    if rates is None:
        return "not learnt: at rest a class is decided as after a cue"
    low, middle, high = rates
    stated = header.stopping.false_activations_per_minute
    expected = f"{middle:.2g} false activations per minute expected"
    interval = f"(95 % interval {low:.1f}-{high:.1f})"
    if middle <= stated:
        return f"at {stated:g} per minute stated: {expected} {interval}"
    return f"{stated:g} per minute cannot be reached: {expected} {interval}"


def _stopping(evidence: Evidence, n_trials: int) -> str:
    stated = f"{100 * evidence.error_rate:g} %"
    if evidence.expected_error is None:
        return f"too few trials to expect an error rate of {stated}"
    low, middle, high = (100 * rate for rate in evidence.expected_error)
    expected = f"{middle:.1f} % of decided trials wrong expected"
    interval = f"(95 % interval {low:.1f}-{high:.1f} %)"
    if evidence.promised:
        return f"at {stated} stated: {expected} {interval}"
    return f"{stated} cannot be promised yet with {n_trials} trials: {expected} {interval}"
