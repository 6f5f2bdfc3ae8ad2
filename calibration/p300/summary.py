"""A training of flashes, as a table or as one JSON line."""

import math

import msgspec

from bci_online.stimulus_findings import causes_of
from bci_online.summaries import bad_channels_text, lost_text
from calibration.p300.estimators import SUM
from calibration.p300.evaluation import Outcome
from calibration.p300.fitted import Fitted
from calibration.p300.sensor_choice import Choice
from calibration.p300.training import Trained
from calibration.training_request import TrainingRequest

__all__ = ["figures", "summary"]

MOST_FREQUENT = 16
COUNTS = ("gaps", "steps", "lost_samples", "untranslated", "unknown_codes")


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
    evidence, promise, choice = trained.fitted.evidence, trained.promise, trained.fitted.choice
    return {
        "type": "summary",
        "method": trained.fitted.method or request.title,
        "tried": msgspec.to_builtins(trained.fitted.tried),
        **_held_out(trained.outcome),
        "from_nothing": trained.from_nothing and _held_out(trained.from_nothing),
        "sensors": trained.fitted.preprocessing.ch_names,
        "alpha": choice.alpha,
        "lambda": choice.lam,
        # JSON has no infinity.
        "q": "inf" if choice.q == math.inf else choice.q,
        "selection_frequency": choice.frequency,
        "sensors_by": choice.way,
        "ways_tried": msgspec.to_builtins(choice.tried),
        "sensor_paths": {
            name: {
                "sensors": path.sizes.tolist(),
                "auc": path.auc.tolist(),
                "auc_low": path.low.tolist(),
                "auc_high": path.high.tolist(),
            }
            for name, path in trained.sensor_paths.items()
        },
        "expected_error": None if promise is None else promise.error,
        "error_rate": evidence.error_rate,
        "promised": evidence.promised,
        "promise": None if promise is None else msgspec.to_builtins(promise),
        "epochs": trained.n_epochs,
        "targets": trained.n_targets,
        "rejected": trained.rejected,
        "bad_channels": msgspec.to_builtins(trained.bad_channels),
        **{name: getattr(trained, name) for name in COUNTS},
        "seconds": trained.seconds,
        "decoder": str(request.output),
        "figure": None if request.figure is None else str(request.figure),
    }


def _held_out(outcome: Outcome | None) -> dict[str, object]:
    """Return the figures of the outer folds; None where there are none."""
    if outcome is None:
        return {"auc": None, "auc_ci": None, "letters_expected": None}
    return {
        "auc": outcome.auc,
        "auc_ci": None if math.isnan(outcome.auc_ci[0]) else outcome.auc_ci,
        "split": outcome.split,
        "folds": outcome.n_folds,
        "sensors_per_fold": outcome.sensors,
        "letters_expected": outcome.letters_right,
        "letters": outcome.letters,
        "letters_ci": outcome.letters_ci,
        "spelled": outcome.spelled,
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
    calibration.motor_imagery.summary.figures : The same for imagery.
    """
    names = trained.fitted.preprocessing.ch_names
    area, targets = "flash AUC", "targets"
    if request.config.epoch.after == "feedback":
        area, targets = "error AUC", "after wrong answers"
    causes = causes_of(trained.rejected, "flash", trained.lost_samples, trained.steps)
    rejected = f"{sum(trained.rejected.values())}" if trained.rejected else "none"
    found = [
        ("sensors", f"{len(names)}: {' '.join(names)}"),
        *_choice(trained.fitted.choice),
        ("epochs", f"{trained.n_epochs}, {trained.n_targets} {targets}; rejected: {rejected}"),
        *(("", cause.text) for cause in causes),
        ("bad channels", bad_channels_text(trained.bad_channels)),
        ("lost", lost_text(trained.lost_samples, trained.gaps, trained.steps)),
        (
            "not read",
            f"{sum(trained.untranslated.values())} markers; "
            f"{trained.unknown_codes} flashes of codes that the layout lacks",
        ),
        ("took", f"{trained.seconds:.1f} s"),
        ("decoder", str(request.output)),
    ]
    if trained.fitted.letters:
        found.insert(0, ("stopping", _stopping(trained)))
    if trained.fitted.tried:
        found[:0] = _tried(trained.fitted)
    if trained.outcome is None:
        return [("held out", "not evaluated"), *found]
    figures = _evaluated(trained.outcome, area)
    if trained.from_nothing is not None:
        figures += [
            (f"{name}, from nothing", text) for name, text in _evaluated(trained.from_nothing, area)
        ]
    return figures + found


def _tried(fitted: Fitted) -> list[tuple[str, str]]:
    """Return the method that was taken, and all that were tried."""
    own = fitted.preprocessing
    band = f"{own.filter.l_freq:g}-{own.filter.h_freq:g} Hz, every {1000 * own.epoch.step:g} ms"
    why = "the simplest that is not worse than the best by more than a standard error"
    if SUM in fitted.method:
        why = "the sum is surely better than the best alone"
    lines = [
        f"{one.method} to {one.h_freq:g} Hz: AUC {one.held_out[1]:.3f} "
        f"({one.held_out[0]:.3f}-{one.held_out[2]:.3f}), {abs(one.behind):.3f} ± {one.error:.3f} "
        f"{'ahead' if one.behind < 0 else 'behind'}, "
        f"{one.seconds:.1f} s"
        for one in fitted.tried
    ]
    names = ["tried", *[""] * (len(lines) - 1)]
    return [("method", f"{fitted.method}, {band}: {why}"), *zip(names, lines, strict=True)]


def _choice(choice: Choice) -> list[tuple[str, str]]:
    """Return how the sensors were chosen, and how often resampled letters agree."""
    found: list[tuple[str, str]] = []
    for one in choice.tried:
        low, middle, high = one.auc
        taken = ", taken" if one.name == choice.way else ""
        found.append(
            (
                "" if found else "chosen by",
                f"{one.name}{taken}: AUC {middle:.3f} ({low:.3f}-{high:.3f}), "
                f"{len(one.sensors)}: {' '.join(one.sensors)}",
            )
        )
    if choice.alpha is not None and choice.lam is not None:
        q = "" if choice.q is None else f", q = {choice.q:g}"
        found.append(("penalty", f"λ = {choice.lam:.3g}, {choice.alpha:.3g} of its unit{q}"))
    if choice.frequency is not None:
        shares = [(name, share) for name, share in choice.frequency.items() if share > 0]
        text = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares[:MOST_FREQUENT])
        more = f", {len(shares) - MOST_FREQUENT} more" if len(shares) > MOST_FREQUENT else ""
        found.append(("chosen again", f"{text}{more} of resampled trainings"))
    return found


def _evaluated(outcome: Outcome, name: str) -> list[tuple[str, str]]:
    low, high = outcome.auc_ci
    interval = "" if math.isnan(low) else f", 95 % interval {low:.3f}-{high:.3f}"
    figures = [(name, f"{outcome.auc:.3f}{interval}, {outcome.n_folds} folds by {outcome.split}")]
    if outcome.letters:
        low, high = (100 * share for share in outcome.letters_ci)
        right = f"{outcome.letters_right} of {outcome.letters} right with all repetitions"
        spelled = f"(95 % interval {low:.0f}-{high:.0f} %): {outcome.spelled}"
        figures.append(("letters", f"{right} {spelled}"))
    return figures


def _stopping(trained: Trained) -> str:
    evidence, promise = trained.fitted.evidence, trained.promise
    stated = f"{100 * evidence.error_rate:g} %"
    if promise is None:
        n = len(trained.fitted.letters)
        return f"{stated} cannot be promised with {n} letters; record three or more"
    if evidence.promised:
        return f"at {stated} stated: {promise.words}"
    way = "record more, or look at the electrodes"
    return f"{stated} cannot be promised: {promise.words}; {way}"
