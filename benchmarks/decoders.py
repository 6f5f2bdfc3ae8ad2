"""Every method on every recorded set: held out, with paired intervals and seconds.

    python benchmarks/decoders.py PATH/TO/recordings --results cells.jsonl [--minutes 8]

writes the tables of docs/decoders.md; the words above them are kept, and must be read again when
the numbers change. Each cell is a line of the results: a run that was stopped goes on, and
--minutes ends a turn after the cell that is under way. A table has the rows that are there, and the
command names what is missing. Everything is redone in each fold: sensors, weights, evidence, and
for `auto` the choice of the method. The package toeplitzlda, which the project does not need, is a
peer: where it is not installed, its row is left out unless the results have it.
"""

import argparse
from pathlib import Path

from decoder_cells import Cells
from decoder_flashes import flash_tables
from decoder_imagery import imagery_tables

from calibration.blas_threads import one_blas_thread

PAGE = Path(__file__).resolve().parent.parent / "docs" / "decoders.md"
MARK = "<!-- written by benchmarks/decoders.py -->"


def main() -> None:
    """Compute what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of p300_wadsworth, mi_gel, ...")
    parser.add_argument("--results", type=Path, required=True, help="file of cells")
    parser.add_argument("--minutes", type=float, default=1e6, help="how long to compute new ones")
    arguments = parser.parse_args()
    cells = Cells(arguments.results, arguments.minutes)
    with one_blas_thread():
        tables = [
            *imagery_tables(arguments.data, cells),
            *flash_tables(arguments.data, cells),
        ]
    if cells.missing:
        print(f"{len(cells.missing)} cells are missing: {', '.join(cells.missing)}")
    words = PAGE.read_text(encoding="utf-8").split(MARK)[0]
    lines = [line for table in tables for line in table]
    PAGE.write_text(words + MARK + "\n\n" + "\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
