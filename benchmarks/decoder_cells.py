"""What the tables of decoders are made of: one cell for each set and method, kept in a file."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

__all__ = ["Cell", "Cells"]


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One method on one split of a set.

    ``values`` holds the evidence of each flash (None: not tested), or of each trial whether it was
    right with the evidence of the whole trial. ``right`` and ``of`` count letters, or decisions
    with the stopping rule. ``taken`` says what `auto` took; ``seconds`` are CPU time of one fit.
    """

    key: str
    values: tuple[float | None, ...]
    right: int = 0
    of: int = 0
    decided: int = 0
    taken: str = ""
    seconds: float = 0.0


class Cells:
    """Cells of earlier turns, and new ones until this turn's minutes are over."""

    def __init__(self, path: Path, minutes: float) -> None:
        self._path = path
        self._until = time.monotonic() + 60 * minutes
        lines = path.read_bytes().splitlines() if path.exists() else []
        self._cells = {
            cell.key: cell for cell in (msgspec.json.decode(x, type=Cell) for x in lines)
        }
        self.missing: list[str] = []

    def get(self, key: str, compute: Callable[[], Cell]) -> Cell | None:
        """Return a cell, computed and kept if it was not; None where no time is left."""
        if key not in self._cells:
            if time.monotonic() > self._until:
                self.missing.append(key)
                return None
            cell = self._cells[key] = compute()
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(cell) + b"\n")
            print(f"{key}: {cell.seconds:.2f} s a fit {cell.taken}", flush=True)
        return self._cells[key]

    def has(self, key: str) -> bool:
        """Return whether an earlier turn has computed a cell."""
        return key in self._cells
