"""A table and its cells as CSV files."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bci_online.atomic_write import write_atomically
from calibration.experiments.cell_store import Cell

__all__ = ["write_cells", "write_table"]


def write_table(path: Path, rows: Sequence[Any]) -> None:
    """Write the table as CSV.

    Parameters
    ----------
    path : Path
        File to write.
    rows : sequence of msgspec.Struct
        Their fields are the columns.

    See Also
    --------
    write_cells : What the rows are made of.

    Examples
    --------
    >>> import tempfile
    >>> from calibration.experiments.learning_curve import CurvePoint
    >>> point = CurvePoint(
    ...     method="lda", n_flashes=50, n_draws=2, auc=0.8, ci=(0.7, 0.9), gain=0.0, gain_ci=(0, 0)
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(Path(folder) / "curve.csv", [point])
    ...     (Path(folder) / "curve.csv").read_text().splitlines()[1]
    'lda,50,2,0.8,0.7 0.9,0.0,0 0'
    """
    _write(path, [msgspec.to_builtins(row) for row in rows])


def write_cells(
    path: Path, cells: Sequence[Cell], results: Sequence[Mapping[str, Any] | None]
) -> None:
    """Write every finished cell's parameters and result as CSV.

    Parameters
    ----------
    path : Path
        File to write.
    cells : sequence of Cell
        Parameters of each; the rows are in their order.
    results : sequence of mapping or None
        None: the cell has no row.

    See Also
    --------
    write_table : The table itself.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cells.csv"
    ...     write_cells(path, [{"split": 0}, {"split": 1}], [{"auc": 0.9}, None])
    ...     path.read_text().splitlines()
    ['split,auc', '0,0.9']
    """
    _write(
        path,
        [
            {**cell, **result}
            for cell, result in zip(cells, results, strict=True)
            if result is not None
        ],
    )


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _text(value) for name, value in row.items()})
    write_atomically(path, table.getvalue().encode())


def _text(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value
