"""What `bci-calibrate`'s commands do: read, run with a progress bar, show."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bci_online.config import read_config
from bci_online.console import json_line, output_file, plain
from bci_online.decoding.decoder_file import is_decoder
from bci_online.errors import BciError
from calibration.evaluation.outer_loop import Outcome
from calibration.training import Trained, train

__all__ = ["train_decoder"]


def train_decoder(
    recordings: Sequence[Path],
    output: Path,
    method: str,
    config_path: Path | None,
    *,
    trials: frozenset[int],
    refit: bool,
    evaluation: bool,
    as_json: bool,
) -> None:
    """Train a decoder and show what can be expected of it.

    Raises
    ------
    BciError
        If something given is not usable; no decoder is written then.
    """
    config = read_config(config_path)
    if config.paradigm != "p300":
        raise BciError(
            f"{config_path}: paradigm {config.paradigm!r} cannot be trained yet, only 'p300'"
        )
    output_file(output, "decoder", is_decoder)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json)
    with bar:
        task = bar.add_task("recordings", total=len(recordings))

        def opened(name: str) -> None:
            bar.update(task, description=plain(name), advance=1)

        def folded(done: int, of: int) -> None:
            last = done == of
            text = "training the decoder" if last else "held-out folds"
            bar.update(task, description=text, completed=done, total=None if last else of)

        trained = train(
            recordings,
            method,
            config,
            output,
            trials=trials,
            refit=refit,
            evaluation=evaluation,
            opened=opened,
            progress=folded,
        )
    for note in trained.notes:
        sys.stderr.write(f"note: {plain(note)}\n")
    if as_json:
        sys.stdout.write(json_line(_summary(trained, method, output)))
    else:
        _show(trained, method, output)


def _summary(trained: Trained, method: str, output: Path) -> dict[str, object]:
    evidence = trained.fitted.evidence
    return {
        "type": "summary",
        "method": method,
        **_held_out(trained.outcome),
        "sensors": trained.fitted.preprocessing.ch_names,
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
    if trained.fitted.n_letters:
        figures.insert(0, ("stopping", _stopping(trained)))
    if trained.outcome is None:
        return [("held out", "not evaluated"), *figures]
    return _evaluated(trained.outcome) + figures


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
        f"{stated} cannot be promised yet: {expected} with {trained.fitted.n_letters} letters; "
        "20 or more are needed"
    )
