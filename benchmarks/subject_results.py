"""Simulated subjects of a benchmark, one by one, each kept in a file as soon as it is done."""

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from bci_online.atomic_write import write_atomically
from benchmarks.kept_rows import add_row, kept_file, rows_of
from calibration.blas_threads import one_blas_thread


class OneSubject(Protocol):
    """The results of one simulated subject, a msgspec struct."""

    @property
    def seed(self) -> int:
        """Its number."""
        ...


Subject = TypeVar("Subject", bound=OneSubject)


def parser_of(about: str | None, n_subjects: int, name: str = "") -> argparse.ArgumentParser:
    """Return a parser of how many subjects there are, and of where their results are kept.

    Parameters
    ----------
    about : str or None
        The benchmark's docstring; its first line is the help.
    n_subjects : int
        If nothing else is asked for.
    name : str
        Of the results in the repository; empty: a file must be named.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument(
        "--subjects", type=int, default=n_subjects, help="0: the page of those that are kept"
    )
    again = "so many rows of other code are computed again; all are kept if these come out alike"
    parser.add_argument("--again", type=int, default=0, help=again)
    default = kept_file(name) if name else None
    parser.add_argument("--results", type=Path, required=default is None, default=default)
    return parser


def write_page(
    title: str,
    about: str | None,
    command: str,
    lines: Iterable[str],
    to: Path | None,
    how: str = "",
) -> None:
    """Print the page of a benchmark, and write it where that is asked for.

    Parameters
    ----------
    title : str
        Of the page.
    about : str or None
        The benchmark's docstring; the page says what stands behind its command.
    command : str
        What made the page.
    lines : iterable of str
        What was found.
    to : Path or None
        Where the page goes.
    how : str
        How it is used; it comes first.
    """
    said = (about or "").splitlines()[5:]
    first = [how, "", "## What it gains", ""] if how else []
    page = "\n".join([f"# {title}", "", *first, *said, "", f"Made by `{command}`.", "", *lines, ""])
    print(page)
    if to:
        to.write_text(page, encoding="utf-8")


def each_subject(
    results: Path,
    kind: type[Subject],
    n_subjects: int,
    compute: Callable[[int, Path], Subject],
    *,
    belongs: Callable[[Subject], bool],
    words: Callable[[Subject], str],
    code: str = "",
    again: int = 0,
) -> list[Subject]:
    """Return the results of subjects 1 to `n_subjects`; a run that was stopped goes on.

    Rows that other code made are left out, unless some of them come out alike when they are
    computed again. Without a number of subjects nothing is computed, and the rows are those of the
    code that made the last one.

    Parameters
    ----------
    results : Path
        A line of JSON for each subject.
    kind : type
        Of the results.
    n_subjects : int
        How many subjects.
    compute : callable
        Returns the results of the subject with that seed; the folder is empty and removed later.
    belongs : callable
        Whether results that were kept are of the same settings.
    words : callable
        What is printed of a new subject.
    code : str
        What makes new rows, as `kept_rows.code_of` returns it; it is kept with them.
    again : int
        So many of other code's rows are computed again.
    """
    if again:
        _keep_if_alike(results, kind, compute, code, again)
    rows = rows_of(results, dict)
    made = [row.get("alike", row.get("code", "")) for row in rows]
    wanted = code if n_subjects or not made else made[-1]
    known = [
        msgspec.convert(row, kind, str_keys=True)
        for row, by in zip(rows, made, strict=True)
        if by == wanted
    ]
    if len(known) < len(rows):
        print(f"{len(rows) - len(known)} rows of other code are left out", flush=True)
    done = {one.seed: one for one in known if belongs(one)}
    for seed in range(1, n_subjects + 1):
        if seed in done:
            continue
        done[seed] = _computed(compute, seed)
        add_row(results, msgspec.to_builtins(done[seed]) | ({"code": code} if code else {}))
        print(f"subject {seed}: {words(done[seed])}", flush=True)
    return [one for seed, one in sorted(done.items()) if not n_subjects or seed <= n_subjects]


def _computed(compute: Callable[[int, Path], Subject], seed: int) -> Subject:
    with tempfile.TemporaryDirectory() as folder, one_blas_thread():
        return compute(seed, Path(folder))


def _keep_if_alike(
    results: Path,
    kind: type[Subject],
    compute: Callable[[int, Path], Subject],
    code: str,
    again: int,
) -> None:
    """Keep the rows of other code if some of them, over all of the file, come out alike now."""
    rows = rows_of(results, dict)
    others = [row for row in rows if code not in (row.get("code"), row.get("alike"))]
    for row in others[:: max(1, len(others) // again)][:again]:
        own = msgspec.convert(row, kind, str_keys=True)
        if msgspec.json.encode(_computed(compute, own.seed)) != msgspec.json.encode(own):
            print(f"subject {own.seed} comes out differently: it is computed again", flush=True)
            return
        print(f"subject {own.seed} comes out alike", flush=True)
    for row in others:
        row["alike"] = code
    write_atomically(results, b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
