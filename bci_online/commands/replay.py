"""`bci-online replay`: a recording through the online chain."""

import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bci_online.config import read_config
from bci_online.console import json_line, plain
from bci_online.messages import Decision, Gap, Message, Retracted, Status
from bci_online.runtime.assembly import load_decoder, online_chain, recording
from bci_online.runtime.replay import Summary, Tally, replay

__all__ = ["replay_recording"]

# Chunks of a second where nobody waits for them: the decisions are the same, and come sooner.
FAST_CHUNK_S = 1.0


def replay_recording(
    path: Path,
    decoder_path: Path,
    config_path: Path | None,
    *,
    speed: float | None,
    dynamic: bool,
    max_repetitions: int | None,
    trials: frozenset[int],
    as_json: bool,
) -> None:
    """Replay a recording and show what it decides, as a table or as JSON lines.

    Raises
    ------
    BciError
        If the decoder, the configuration or the recording is not usable, or they do not fit.
    """
    decoder = load_decoder(decoder_path)
    config = None if config_path is None else read_config(config_path)
    chunk_s = FAST_CHUNK_S if speed is None else 0.125
    source = recording(path, config, chunk_s)
    source.open()
    chain, _ = online_chain(
        decoder, source.spec, dynamic, max_repetitions, None if config is None else config.markers
    )
    errors = Console(stderr=True, highlight=False)
    for note in (*source.notes, *chain.warnings):
        sys.stderr.write(f"note: {plain(note)}\n")
    tally = Tally(decoder.header, chain.translator.rules, trials)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=errors, transient=True, disable=as_json) as bar:
        task = bar.add_task("replay", total=source.duration_s)
        for message in replay(
            source,
            chain,
            tally,
            speed,
            source.load_s,
            lambda seconds: bar.update(task, completed=seconds),
        ):
            if as_json:
                sys.stdout.write(json_line(_row(message)))
                sys.stdout.flush()
            elif isinstance(message, Summary):
                summary = message
            else:
                bar.console.print(_line(message), markup=False, soft_wrap=True)
    if not as_json:
        _show_summary(summary, Console(highlight=False))
    source.close()


def _row(message: Message | Summary) -> object:
    """Return what a JSON line says of a message."""
    if not isinstance(message, Decision):
        return message
    known = bool(message.truth)
    return {
        "type": "decision" if message.value is not None else "no_decision",
        "value": message.value,
        "trial": message.trial,
        "truth": message.truth or None,
        "correct": message.value == message.truth if known else None,
        "confidence": message.confidence,
        "repetitions": message.repetitions,
        "flashes": message.flashes,
        "time": message.time,
        "data_age_ms": None,
    }


def _line(message: Message | Summary) -> str:
    """Return what a person reads of a message."""
    if isinstance(message, Decision):
        return plain(
            f"letter {message.trial:>3}  {message.value or '(no decision)':<12} "
            f"to spell {message.truth or '?':<8} confidence {message.confidence:.3f}  "
            f"{message.repetitions} repetitions"
        )
    if isinstance(message, Gap):
        how = "bridged" if message.bridged else "filter restarted"
        late = ", noticed late" if message.late else ""
        return f"gap at {message.time:.3f} s: {message.n_lost} samples lost, {how}{late}"
    if isinstance(message, Retracted):
        suspect = message.suspect_trial
        told = "" if suspect is None else f"; the decision of letter {suspect} is suspect"
        return f"epoch of {plain(message.marker.text)} retracted{told}"
    if isinstance(message, Status):
        return plain(f"{message.level} at {message.time:.1f} s: {message.text}")
    return ""


def _show_summary(summary: Summary, console: Console) -> None:
    table = Table(title="replay", show_header=False, title_justify="left")
    table.add_column(style="dim")
    table.add_column()
    for name, value in _figures(summary):
        table.add_row(name, escape(plain(value)))
    console.print(table)


def _figures(summary: Summary) -> list[tuple[str, str]]:
    right = f"{summary.correct} of {summary.presented}"
    if summary.accuracy is not None and summary.accuracy_ci is not None:
        low, high = (100 * share for share in summary.accuracy_ci)
        right += f" ({100 * summary.accuracy:.0f} %, 95 % interval {low:.0f}-{high:.0f} %)"
    rejected = ", ".join(f"{n} {reason}" for reason, n in summary.rejected.items()) or "none"
    untranslated = sum(summary.untranslated.values())
    examples = ", ".join(list(summary.untranslated)[:5])
    return [
        ("letters", summary.letters or "none"),
        ("right", right),
        ("no decision", str(summary.no_decision)),
        ("flash AUC", "unknown" if summary.auc is None else f"{summary.auc:.3f}"),
        ("information", f"{summary.itr_bits_per_min:.1f} bit/min, pauses included"),
        ("epochs", f"{summary.epochs} scored; rejected: {rejected}"),
        ("retracted", f"{summary.retracted}, {summary.suspect} of them behind a decision"),
        ("lost", f"{summary.lost_samples} samples in {summary.gaps} gaps"),
        ("not read", f"{untranslated} markers {f'({examples})' if examples else ''}"),
        ("took", f"{summary.load_s:.2f} s to load, {summary.wall_s:.2f} s for "
                 f"{summary.duration_s:.0f} s of recording"),
    ]  # fmt: skip
