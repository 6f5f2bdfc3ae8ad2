"""Writes the page from the trials."""

from collections.abc import Sequence

import numpy as np

from bci_online.counted import counted
from benchmarks.faults.fault import Fact, Fault, Group, Trial
from benchmarks.faults.table import GROUPS

HEAD = """\
# Reliability

A session with a person cannot be repeated. So faults are thrown at the system on purpose, and this
page says what followed from each: how often it was tried, after how long a person could know of it,
what was lost, and what was wrong.

It is written by one command, which goes on where it was stopped:

    python -m benchmarks.faults

`make faults` calls it. Each trial is a line of `benchmarks/results/faults.jsonl`; `--page-only`
makes the page of that file alone. `--list` names every fault; each can be tried alone. A cell has
the median of the trials, and the largest value in brackets. *Reported after* are the seconds until
a line in the terminal or an alarm reports the fault; "—" means that nothing was reported, or that
there was nothing to report. Under each table stand the commits that were tried, and which trials
are old: their code has changed since, and `--old` tries them again. A row with † is that of an
earlier page: its trials are lost.
"""
LOADED = 1.5


def page(trials: Sequence[Trial], groups: Sequence[Group] = GROUPS) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    trials : sequence of Trial
        As `latest` leaves them.
    groups : sequence of Group
        The tables, in their order.

    Returns
    -------
    text : str
        A group without a trial has a line that says so.
    """
    every = {f"{group.name}/{fault.name}" for group in groups for fault in group.faults}
    # A fault that was renamed or taken out leaves its trials in the results.
    parts = [HEAD, found([trial for trial in trials if trial.fault in every])]
    for group in groups:
        names = {f"{group.name}/{fault.name}" for fault in group.faults}
        of_group = [trial for trial in trials if trial.fault in names]
        parts.append(f"## {group.title}\n\n{group.text.strip()}\n")
        parts.append(table(group, of_group) if of_group else "Not tried yet.\n")
        parts.append(tried_at([trial for trial in of_group if not trial.cells]))
        parts.append(old(group, of_group))
        parts.append(not_right(of_group))
    return "\n".join(part for part in parts if part)


def found(trials: Sequence[Trial]) -> str:
    """Return the line that sums up all groups."""
    tried = [trial for trial in trials if not is_skipped(trial) and not trial.cells]
    wrong = [trial for trial in tried if trial.outcome.wrong]
    names = {trial.fault for trial in tried}
    lost = [trial for trial in trials if trial.cells]
    text = f"{counted(len(tried), 'trial')} of {counted(len(names), 'fault')}"
    earlier = f" {counted(len(lost), 'row is', 'rows are')} of an earlier page." if lost else ""
    return f"{text}; in {len(wrong)} of them something was wrong.{earlier}\n"


def old(group: Group, trials: Sequence[Trial]) -> str:
    """Return which trials are of code that has changed since, or are lost; empty for none."""
    code = group.code
    changed = [trial for trial in trials if trial.code != code and not trial.cells]
    lines = []
    if changed:
        names = dict.fromkeys(trial.fault.partition("/")[2] for trial in changed)
        which = "all faults" if len(names) == len(group.faults) else ", ".join(names)
        n = counted(len(changed), "trial")
        lines.append(f"Old, as the code has changed since: {n} ({which}).\n")
    pages = {f"{trial.day} (commits {trial.commit})" for trial in trials if trial.cells}
    lines += [f"† From the page of {page}; the trials are lost.\n" for page in sorted(pages)]
    return "\n".join(lines)


def tried_at(trials: Sequence[Trial]) -> str:
    """Return on which systems and at which commits a group was tried; empty without trials."""
    if not trials:
        return ""
    systems = sorted({trial.system or "not kept" for trial in trials})
    commits = sorted({trial.commit or "unknown" for trial in trials})
    days = sorted({trial.day or "unknown" for trial in trials})
    return (
        f"System: {'; '.join(systems)}. Commits: {', '.join(commits)}. Days: {', '.join(days)}.\n"
    )


def table(group: Group, trials: Sequence[Trial]) -> str:
    """Return a group's table."""
    header = ["fault", "times", "reported after, s", f"lost, {group.lost}", *group.columns, "right"]
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for fault in group.faults:
        own = [trial for trial in trials if trial.fault == f"{group.name}/{fault.name}"]
        if own:
            lines.append(f"| {' | '.join(row(group, fault, own))} |")
        else:
            lines.append(f"| {fault.how} | 0 | | | {'| ' * len(group.columns)} not tried yet |")
    loads = [trial.load for trial in trials if not trial.cells] or [0.0]
    before = sum(trial.nice < 0 for trial in trials)
    if group.is_live and max(loads) > LOADED:
        lines.append(
            f"\nThe computer did other work meanwhile: load average {min(loads):.1f} to "
            f"{max(loads):.1f} when the trials began"
            + (f"; {before} trials had a higher priority than that." if before else ".")
        )
    return "\n".join(lines) + "\n"


def row(group: Group, fault: Fault, trials: Sequence[Trial]) -> list[str]:
    """Return a row's cells."""
    if trials[0].cells:
        return [fault.how, *trials[0].cells[:-1], f"{trials[0].cells[-1]} †"]
    if all(is_skipped(trial) for trial in trials):
        blank = [""] * (2 + len(group.columns))
        return [fault.how, "0", *blank, trials[0].outcome.note]
    trials = [trial for trial in trials if not is_skipped(trial)]
    keys = group.columns.values()
    n_right = sum(not trial.outcome.wrong for trial in trials)
    right = f"{n_right} of {len(trials)}"
    return [
        fault.how,
        str(len(trials)),
        cell([trial.outcome.told_s for trial in trials]),
        cell([trial.outcome.lost for trial in trials]),
        *(cell([trial.outcome.facts.get(key) for trial in trials]) for key in keys),
        right if n_right == len(trials) else f"**{right}**",
    ]


def cell(values: Sequence[Fact | None]) -> str:
    """Return the median and the largest of numbers, or the different texts; "—" for none."""
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    texts = dict.fromkeys(value for value in values if isinstance(value, str))
    if texts:
        return ", ".join(texts)
    if not numbers:
        return "—"
    middle, most = number(float(np.median(numbers))), number(max(numbers))
    return middle if middle == most else f"{middle} ({most})"


def number(value: float) -> str:
    """Return a number with at most two decimals: a larger one has fewer."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def not_right(trials: Sequence[Trial]) -> str:
    """Return what was not right, one line each; the same thing is said once."""
    lines: dict[str, list[str]] = {}
    for trial in trials:
        if trial.outcome.wrong:
            name = f"{trial.fault.split('/', 1)[1]}: {trial.outcome.wrong}"
            lines.setdefault(name, []).append(str(trial.number))
    if not lines:
        return ""
    items = [f"- {text} ({counted(len(numbers), 'time')})" for text, numbers in lines.items()]
    return "What was wrong:\n\n" + "\n".join(items) + "\n"


def is_skipped(trial: Trial) -> bool:
    """Return whether a fault could not be injected."""
    return trial.outcome.note.startswith("skipped: ")
