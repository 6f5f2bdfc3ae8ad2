"""What a run writes: lines for a person, JSON lines for a program, a table at the end."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bci_online.console import json_line, note, plain
from bci_online.counted import counted
from bci_online.messages import Decision, Gap, Message, Reconsidered, Retracted, Status
from bci_online.progress import progress_bar
from bci_online.runtime.publisher import decision_row
from bci_online.stimulus_findings import causes_of
from bci_online.summaries import Summary, bad_channels_text, lost_text

__all__ = ["RunOutput"]


class RunOutput:
    """Shows messages as they come, above a progress bar, and the summary at the end.

    Parameters
    ----------
    title : str
        Title of the bar and of the table.
    as_json : bool
        JSON lines on standard output, and no bar.
    total_s : float, optional
        Length of the run in seconds, where it is known.

    See Also
    --------
    bci_online.runtime.live.decode : Shows a live run with it.

    Examples
    --------
    >>> from bci_online.messages import Decision
    >>> decision = Decision(value="B", trial=1, confidence=0.98, time=7.5)
    >>> with RunOutput("replay", as_json=True) as output:  # doctest: +ELLIPSIS
    ...     output.message(decision)
    {"type":"decision","value":"B","trial":1,...}
    """

    def __init__(self, title: str, as_json: bool, total_s: float | None = None) -> None:
        self._title = title
        self._as_json = as_json
        self._bar = progress_bar(hidden=as_json)
        self._task = self._bar.add_task(title, total=total_s)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def recording(self, path: Path) -> None:
        """Say which of several recordings comes next."""
        if self._as_json:
            self._write({"type": "recording", "path": str(path)})
        else:
            self._bar.console.print(plain(str(path)), markup=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Write a note to standard error."""
        note(text)

    def progress(self, seconds: float) -> None:
        """Move the bar to `seconds` of the run."""
        self._bar.update(self._task, completed=seconds)

    def message(self, message: Message, row: object = None) -> None:
        """Show a message; `row` is its JSON line, if that is not the message itself."""
        if self._as_json:
            if row is None:
                row = decision_row(message) if isinstance(message, Decision) else message
            self._write(row)
        else:
            self._bar.console.print(_line(message), markup=False, soft_wrap=True)

    def summary(self, summary: Summary) -> None:
        """Show the figures of the run, at its end."""
        if self._as_json:
            self._write(summary)
        else:
            self._bar.stop()
            _show_summary(self._title, summary, Console(highlight=False))

    @staticmethod
    def _write(row: object) -> None:
        sys.stdout.write(json_line(row))
        sys.stdout.flush()


def _line(message: Message) -> str:
    """Return the line of a message for a person."""
    if isinstance(message, Decision) and message.elapsed is not None:
        return plain(
            f"trial {message.trial:>3}  {message.value or '(timeout)':<12} "
            f"cue {message.truth or '?':<12} confidence {message.confidence:.3f}  "
            f"{message.elapsed:.1f} s"
        )
    if isinstance(message, Decision):
        return plain(
            f"letter {message.trial:>3}  {message.value or '(no decision)':<12} "
            f"to spell {message.truth or '?':<8} confidence {message.confidence:.3f}  "
            f"{counted(message.repetitions, 'repetition')}"
        )
    if isinstance(message, Reconsidered):
        what = "taken back" if message.value is None else "stays"
        return plain(
            f"letter {message.trial:>3}  {message.shown:<12} {what} after its feedback: right with "
            f"{message.confidence:.3f}, the potential's log-likelihood ratio is {message.ratio:.1f}"
        )
    if isinstance(message, Gap):
        how = "bridged" if message.bridged else "filter restarted"
        late = ", noticed late" if message.late else ""
        what = f"{counted(message.n_lost, 'sample')} lost"
        if message.reason == "stall":
            what = f"{counted(-message.n_lost, 'sample was', 'samples were')} late, not lost"
        elif message.step_s:
            what = f"stamps stepped by {message.step_s:g} s, no clock offset explains it"
            if message.n_lost < 0:
                came = "that counted as lost"
                found = counted(-message.n_lost, f"sample {came} is", f"samples {came} are")
                what += f"; {found} not missing"
        elif message.reason == "clock":
            what = "the stream's clock changed"
        return f"gap at {message.time:.3f} s: {what}, {how}{late}"
    if isinstance(message, Retracted):
        suspect = message.suspect_trial
        suspected = "" if suspect is None else f"; the decision of trial {suspect} is suspect"
        return f"epoch of {plain(message.marker.text)} retracted{suspected}"
    if isinstance(message, Status):
        return plain(f"{message.level} at {message.time:.1f} s: {message.text}")
    return ""


def _show_summary(title: str, summary: Summary, console: Console) -> None:
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column(style="dim")
    table.add_column()
    for name, value in _figures(summary):
        table.add_row(name, escape(plain(value)))
    console.print(table)


def _latency(summary: Summary) -> str:
    if summary.latency_ms is None:
        return "not live"
    p50, p99 = summary.latency_ms["p50"], summary.latency_ms["p99"]
    late = (
        f"; {counted(summary.late, 'decision was', 'decisions were')} late" if summary.late else ""
    )
    return f"{p50:.1f} ms median, {p99:.1f} ms at 99 % from last sample to score{late}"


def _figures(summary: Summary) -> list[tuple[str, str]]:
    right = f"{summary.correct} of {summary.known}"
    if summary.accuracy is not None and summary.accuracy_ci is not None:
        low, high = (100 * share for share in summary.accuracy_ci)
        right += f" ({100 * summary.accuracy:.0f} %, 95 % interval {low:.0f}-{high:.0f} %)"
    is_imagery = summary.paradigm == "motor_imagery"
    own = _of_imagery(summary, right) if is_imagery else _of_spelling(summary, right)
    piece = "cue" if is_imagery else "flash"
    causes = causes_of(summary.rejected, piece, summary.lost_samples, summary.steps)
    rejected = f"{sum(summary.rejected.values())}" if summary.rejected else "none"
    scored = "windows" if is_imagery else "epochs"
    untranslated = sum(summary.untranslated.values())
    examples = ", ".join(list(summary.untranslated)[:5])
    not_read = f"{counted(untranslated, 'marker')}{f' ({examples})' if examples else ''}"
    if not is_imagery:
        not_read += (
            f"; {counted(summary.unknown_codes, 'flash', 'flashes')} of codes that the layout lacks"
        )
    refused = f"{counted(summary.refused_lines, 'line')} without this session's signature"
    return [
        *own,
        ("information", f"{summary.itr_bits_per_min:.1f} bit/min, pauses included"),
        (scored, f"{summary.epochs} scored; rejected: {rejected}"),
        *(("", cause.text) for cause in causes),
        ("bad channels", bad_channels_text(summary.bad_channels)),
        ("retracted", f"{summary.retracted}, {summary.suspect} of them after their decision"),
        ("lost", lost_text(summary.lost_samples, summary.gaps, summary.steps)),
        ("latency", _latency(summary)),
        ("not read", not_read),
        *([("refused", refused)] if summary.refused_lines else []),
        ("took", f"{summary.load_s:.2f} s to load, {summary.wall_s:.2f} s for "
                 f"{summary.duration_s:.0f} s of recording"),
    ]  # fmt: skip


def _of_spelling(summary: Summary, right: str) -> list[tuple[str, str]]:
    return [
        ("letters", summary.letters or "none"),
        ("right", right),
        ("no decision", str(summary.no_decision)),
        *([("taken back", str(summary.taken_back))] if summary.taken_back else []),
        ("flash AUC", "unknown" if summary.auc is None else f"{summary.auc:.3f}"),
    ]


def _of_imagery(summary: Summary, right: str) -> list[tuple[str, str]]:
    confusion = (summary.confusion or {}).items()
    asked = [
        f"{name}: " + ", ".join(f"{n} {decided}" for decided, n in row.items() if n)
        for name, row in confusion
        if any(row.values())
    ]
    taken = summary.time_to_decision_s
    rows = [
        ("right", right),
        ("timeouts", f"{summary.no_decision} of {summary.presented}, counted as wrong"),
        ("asked for", "; ".join(asked) or "unknown"),
        ("time", "no decision" if taken is None else f"{taken:.1f} s from the cue (median)"),
        ("window AUC", "unknown" if summary.auc is None else f"{summary.auc:.3f}"),
    ]
    if summary.false_activations_per_min is not None and summary.false_activations_ci is not None:
        low, high = summary.false_activations_ci
        often = f"{summary.false_activations_per_min:.1f} per minute of rest"
        interval = f"(95 % interval {low:.1f}-{high:.1f})"
        n = counted(summary.false_activations or 0, "false activation")
        rows.append(("at rest", f"{n}, {often} {interval}"))
    return rows
