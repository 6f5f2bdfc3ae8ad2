"""Simulated subjects of a benchmark, one by one, each kept in a file as soon as it is done."""

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec


class OneSubject(Protocol):
    """The results of one simulated subject, a msgspec struct."""

    @property
    def seed(self) -> int:
        """Its number."""
        ...


Subject = TypeVar("Subject", bound=OneSubject)


def parser_of(about: str | None, n_subjects: int) -> argparse.ArgumentParser:
    """Return a parser of how many subjects there are, and of where their results are kept.

    Parameters
    ----------
    about : str or None
        The benchmark's docstring; its first line is the help.
    n_subjects : int
        If nothing else is asked for.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--subjects", type=int, default=n_subjects)
    parser.add_argument("--results", type=Path, required=True)
    return parser


def write_page(
    title: str, about: str | None, command: str, lines: Iterable[str], to: Path | None
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
    """
    said = (about or "").splitlines()[5:]
    page = "\n".join([f"# {title}", "", *said, "", f"Made by `{command}`.", "", *lines, ""])
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
) -> list[Subject]:
    """Return the results of subjects 1 to `n_subjects`; a run that was stopped goes on.

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
    """
    lines = results.read_bytes().splitlines() if results.exists() else []
    known = [msgspec.json.decode(line, type=kind) for line in lines]
    done = {one.seed: one for one in known if belongs(one)}
    for seed in range(1, n_subjects + 1):
        if seed in done:
            continue
        with tempfile.TemporaryDirectory() as folder:
            done[seed] = compute(seed, Path(folder))
        with results.open("ab") as file:
            file.write(msgspec.json.encode(done[seed]) + b"\n")
        print(f"subject {seed}: {words(done[seed])}", flush=True)
    return [one for seed, one in sorted(done.items()) if seed <= n_subjects]
