"""What the tables of decoders are made of: one cell for each set and method, kept in a file."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.kept_rows import add_row, rows_of
from calibration.code_hash import code_hash
from calibration.method_names import AUTO

__all__ = ["Cell", "Cells", "Section", "with_sections"]

OLDER = ", older code"
HEADING = "## "


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One method on one split of a set.

    ``values`` holds the evidence of each flash (None: not tested), or of each trial whether it was
    right with the evidence of the whole trial. ``right`` and ``of`` count letters, or decisions
    with the stopping rule. ``taken`` says what `auto` took; ``seconds`` are CPU time of one fit.
    ``code`` is a hash of the code that computed it, on the day ``date``.
    """

    key: str
    values: tuple[float | None, ...]
    right: int = 0
    of: int = 0
    decided: int = 0
    taken: str = ""
    seconds: float = 0.0
    code: str = ""
    date: str = ""


class Cells:
    """Cells of earlier turns, and new ones until this turn's minutes are over.

    Of a key the last line of the file counts. With `renew`, cells that other code has computed are
    computed again; without, they stay, and their rows say so.
    """

    def __init__(self, path: Path, minutes: float, renew: bool = False) -> None:
        self._path, self._renew = path, renew
        self._until = time.monotonic() + 60 * minutes
        self._cells = {cell.key: cell for cell in rows_of(path, Cell)}
        self.missing: list[str] = []

    def get(self, key: str, compute: Callable[[], Cell], module: str) -> Cell | None:
        """Return a cell, computed by `module` and kept; None where it is not, and no time is left.

        Its ``date`` says so where other code has computed it.
        """
        code = code_hash(module)
        cell = self._cells.get(key)
        if cell is None or (self._renew and cell.code != code):
            if time.monotonic() <= self._until:
                cell = self._keep(compute(), code)
            else:
                self.missing.append(key)
        if cell is None or cell.code == code:
            return cell
        return msgspec.structs.replace(cell, date=cell.date + OLDER)

    def has(self, key: str) -> bool:
        """Return whether an earlier turn has computed a cell."""
        return key in self._cells

    def _keep(self, cell: Cell, code: str) -> Cell:
        date = datetime.now(UTC).date().isoformat()
        cell = self._cells[cell.key] = msgspec.structs.replace(cell, code=code, date=date)
        add_row(self._path, cell)
        print(f"{cell.key}: {cell.seconds:.2f} s a fit {cell.taken}", flush=True)
        return cell


class Section(msgspec.Struct, frozen=True):
    """One set's table: its lines, and how many of the first columns say what a row is of."""

    title: str
    lines: list[str]
    n_names: int


def with_sections(page: str, sections: list[Section]) -> str:
    """Return a page's tables, with these sections made anew; all others stay as they are.

    So do rows of these sections that no cell has made anew: what was printed of a cell that is lost
    is still true of the day that its last column names.
    """
    titles = [one.partition("\n")[0] for one in page.split(HEADING)[1:]]
    bodies = [one.partition("\n")[2].strip("\n").split("\n") for one in page.split(HEADING)[1:]]
    known = dict(zip(titles, bodies, strict=True))
    for one in sections:
        known[one.title] = one.lines + _that_stay(one, known.get(one.title, []))
    return "\n".join("\n".join([HEADING + title, "", *known[title], ""]) for title in known)


def _that_stay(section: Section, earlier: list[str]) -> list[str]:
    new = {_named(line, section.n_names) for line in section.lines if line.startswith("| ")}
    rows = [line for line in earlier if line.startswith("| ")]
    return [
        line if line.endswith(f"{OLDER} |") else line.removesuffix(" |") + f"{OLDER} |"
        for line in rows
        if _named(line, section.n_names) not in new
    ]


def _named(line: str, n_names: int) -> tuple[str, ...]:
    """Return what a row is of; `auto` says what it took, and is named by itself."""
    names = tuple(cell.strip() for cell in line.split("|")[1 : n_names + 1])
    return (AUTO,) if names[0].partition(":")[0] == AUTO else names
