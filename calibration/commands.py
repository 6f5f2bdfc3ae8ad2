"""What `bci-calibrate`'s commands do: read, run with a progress bar, show."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.config import read_config
from bci_online.console import json_line, output_file, plain
from bci_online.decoding.decoder_file import is_decoder
from bci_online.errors import BciError
from calibration.evaluation.outer_loop import Outcome
from calibration.fitting import Number
from calibration.methods import Choice, check_pooling
from calibration.motor_imagery.commands import METHODS as IMAGERY_METHODS
from calibration.motor_imagery.commands import train_imagery_decoder
from calibration.pooled_recordings import parse_pool
from calibration.progress import training_bar
from calibration.recordings import found_in
from calibration.sensor_figure import FORMATS, Point, draw_paths, is_picture
from calibration.sensor_prices import sensor_prices
from calibration.training import Trained, train

__all__ = ["train_decoder"]

MOST_FREQUENT = 16


def train_decoder(
    recordings: Sequence[Path],
    output: Path,
    method: str,
    config_path: Path | None,
    *,
    trials: frozenset[int],
    sensors: str,
    prefer: str,
    pool: Sequence[str],
    refit: bool,
    figure: Path | None,
    evaluation: bool,
    as_json: bool,
) -> None:
    """Train a decoder and show what can be expected of it.

    Raises
    ------
    BciError
        If something given is not usable; no decoder is written then.
    """
    recordings, config_path = found_in(recordings, config_path)
    config = read_config(config_path)
    if config.paradigm == "motor_imagery":
        if sensors or prefer or pool or figure is not None or not refit:
            options = "--sensors, --prefer, --pool, --figure and --no-refit"
            raise BciError(f"{options} are for flashes; leave them out with {config_path}")
        train_imagery_decoder(
            recordings,
            output,
            method,
            config,
            trials=trials,
            evaluation=evaluation,
            as_json=as_json,
        )
        return
    if method in IMAGERY_METHODS:
        raise BciError(
            f"--method {method}: is for imagery; give a --config with paradigm = 'motor_imagery'"
        )
    output_file(output, "decoder", is_decoder)
    pools = [parse_pool(text, config) for text in pool]
    check_pooling(method, bool(pools))
    number = _number(sensors)
    preferred = tuple(prefer.replace(",", " ").split())
    if preferred:
        # Refused before the recordings are read.
        sensor_prices((), preferred)
        if number is None and (pools or method in {"lda", "svm"}):
            how = f"{method}{' with --pool' * bool(pools)}"
            raise BciError(f"--prefer: {how} gives sensors no price; say how many with --sensors")
    if figure is not None:
        _picture_file(figure)
    with training_bar(len(recordings), as_json) as told:
        trained = train(
            recordings,
            method,
            config,
            output,
            trials=trials,
            refit=refit,
            sensors=number,
            preferred=preferred,
            pools=pools,
            evaluation=evaluation,
            with_paths=figure is not None,
            opened=told.opened,
            progress=told.folded,
        )
    if figure is not None:
        draw_paths(trained.sensor_paths, _point(trained, method), figure)
    for note in trained.notes:
        sys.stderr.write(f"note: {plain(note)}\n")
    if as_json:
        sys.stdout.write(json_line(_summary(trained, method, output, figure)))
    else:
        _show(trained, method, output)


def _number(text: str) -> Number | None:
    """Read how many sensors are wanted.

    Raises
    ------
    BciError
        If it is no number of sensors.
    """
    if text in {"", "auto"}:
        return "auto" if text else None
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise BciError(
            f"--sensors {text}: must be a number from 1 up, or auto for the fewest within one "
            "standard error of the best"
        )
    return int(text)


def _picture_file(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise BciError(f"--figure {path}: must end in {' or '.join(FORMATS)}")
    output_file(path, "picture", is_picture, "--figure")


def _point(trained: Trained, method: str) -> list[Point]:
    """Return the decoder as a point of the figure; none where nothing was held out for it."""
    if trained.outcome is None:
        return []
    size = len(trained.fitted.choice.sensors)
    label = f"this decoder ({method}), folds by {trained.outcome.split}"
    return [(label, size, trained.outcome.auc, trained.outcome.auc_ci)]


def _summary(trained: Trained, method: str, output: Path, figure: Path | None) -> dict[str, object]:
    evidence = trained.fitted.evidence
    choice = trained.fitted.choice
    return {
        "type": "summary",
        "method": method,
        **_held_out(trained.outcome),
        "sensors": trained.fitted.preprocessing.ch_names,
        "alpha": choice.alpha,
        "lambda": choice.lam,
        # JSON has no infinity.
        "q": "inf" if choice.q == math.inf else choice.q,
        "selection_frequency": choice.frequency,
        "sensor_paths": {
            name: {
                "sensors": path.sizes.tolist(),
                "auc": path.auc.tolist(),
                "auc_low": path.low.tolist(),
                "auc_high": path.high.tolist(),
            }
            for name, path in trained.sensor_paths.items()
        },
        "expected_error": evidence.expected_error,
        "error_rate": evidence.error_rate,
        "promised": evidence.promised,
        "epochs": trained.n_epochs,
        "targets": trained.n_targets,
        "rejected": trained.rejected,
        "gaps": trained.gaps,
        "lost_samples": trained.lost_samples,
        "untranslated": trained.untranslated,
        "unknown_codes": trained.unknown_codes,
        "seconds": trained.seconds,
        "decoder": str(output),
        "figure": None if figure is None else str(figure),
    }


def _held_out(outcome: Outcome | None) -> dict[str, object]:
    """Return the figures of the outer folds; those that there are none of are None."""
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


def _show(trained: Trained, method: str, output: Path) -> None:
    console = Console(highlight=False)
    table = Table(title=f"{method}: what held-out data say", show_header=False)
    table.title_justify = "left"
    table.add_column(style="dim")
    table.add_column()
    for name, value in _figures(trained, output):
        table.add_row(name, escape(plain(value)))
    console.print(table)


def _figures(trained: Trained, output: Path) -> list[tuple[str, str]]:
    names = trained.fitted.preprocessing.ch_names
    rejected = ", ".join(f"{n} {reason}" for reason, n in trained.rejected.items()) or "none"
    figures = [
        ("sensors", f"{len(names)}: {' '.join(names)}"),
        *_choice(trained.fitted.choice),
        ("epochs", f"{trained.n_epochs}, {trained.n_targets} targets; rejected: {rejected}"),
        ("lost", f"{trained.lost_samples} samples in {trained.gaps} gaps"),
        (
            "not read",
            f"{sum(trained.untranslated.values())} markers; "
            f"{trained.unknown_codes} flashes of codes that the layout lacks",
        ),
        ("took", f"{trained.seconds:.1f} s"),
        ("decoder", str(output)),
    ]
    if trained.fitted.letters:
        figures.insert(0, ("stopping", _stopping(trained)))
    if trained.outcome is None:
        return [("held out", "not evaluated"), *figures]
    return _evaluated(trained.outcome) + figures


def _choice(choice: Choice) -> list[tuple[str, str]]:
    """Return where the choice lies on the path, and how often resampled letters make it again."""
    found = []
    if choice.alpha is not None and choice.lam is not None:
        q = "" if choice.q is None else f", q = {choice.q:g}"
        found.append(("penalty", f"λ = {choice.lam:.3g}, {choice.alpha:.3g} of its unit{q}"))
    if choice.frequency is not None:
        shares = [(name, share) for name, share in choice.frequency.items() if share > 0]
        text = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares[:MOST_FREQUENT])
        more = f", {len(shares) - MOST_FREQUENT} more" if len(shares) > MOST_FREQUENT else ""
        found.append(("chosen again", f"{text}{more} of resampled trainings"))
    return found


def _evaluated(outcome: Outcome) -> list[tuple[str, str]]:
    low, high = outcome.auc_ci
    interval = "" if math.isnan(low) else f", 95 % interval {low:.3f}-{high:.3f}"
    figures = [
        ("flash AUC", f"{outcome.auc:.3f}{interval}, {outcome.n_folds} folds by {outcome.split}")
    ]
    if outcome.letters:
        low, high = (100 * share for share in outcome.letters_ci)
        right = f"{outcome.letters_right} of {outcome.letters} right with all repetitions"
        spelled = f"(95 % interval {low:.0f}-{high:.0f} %): {outcome.spelled}"
        figures.append(("letters", f"{right} {spelled}"))
    return figures


def _stopping(trained: Trained) -> str:
    evidence = trained.fitted.evidence
    stated = f"{100 * evidence.error_rate:g} %"
    if evidence.expected_error is None:
        return f"too few letters to expect an error rate of {stated}"
    low, middle, high = (100 * rate for rate in evidence.expected_error)
    expected = f"{middle:.1f} % wrong expected (95 % interval {low:.1f}-{high:.1f} %)"
    if evidence.promised:
        return f"at {stated} stated: {expected}"
    return (
        f"{stated} cannot be promised yet: {expected} with {len(trained.fitted.letters)} letters; "
        "20 or more are needed"
    )
