"""Every method on every recorded set: held out, with paired intervals and seconds.

    python -m benchmarks.decoders PATH/TO/recordings [--only mi_gel] [--minutes 8]

writes the tables of docs/decoders.md; the words above them are kept, and must be read again when
the numbers change. Each cell is a line of benchmarks/results/decoders.jsonl, with the day and a
hash of the code that computed it: a run that was stopped goes on, and --minutes ends a turn after
the cell that is under way (0: nothing is computed, the page is written). --only makes the tables of
one set anew, and leaves the others as they are. --renew computes again what other code has
computed. A row that is not computed again stays, and says of which day it is. The command names
what is missing. Everything is redone in each fold: sensors, weights, evidence, and for `auto` the
choice of the method. The package toeplitzlda, which the project does not need, is a peer: where it
is not installed, its row is left out unless the results have it.
"""

import argparse
from pathlib import Path

from benchmarks.decoder_cells import Cells, with_sections
from benchmarks.decoder_flashes import SETS, flash_tables
from benchmarks.decoder_imagery import imagery_tables
from calibration.blas_threads import one_blas_thread

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "decoders.md"
RESULTS = ROOT / "benchmarks" / "results" / "decoders.jsonl"
MARK = "<!-- written by benchmarks/decoders.py -->"
NAMES = ("mi_hands_feet", "mi_left_right", "mi_gel", *dict.fromkeys(one.name for one in SETS))


def main() -> None:
    """Compute what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of p300_wadsworth, mi_gel, ...")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of cells")
    parser.add_argument("--minutes", type=float, default=1e6, help="how long to compute new ones")
    parser.add_argument("--only", choices=NAMES, default="", help="one set")
    parser.add_argument("--renew", action="store_true", help="also what other code has computed")
    arguments = parser.parse_args()
    cells = Cells(arguments.results, arguments.minutes, arguments.renew)
    with one_blas_thread():
        sections = [
            *imagery_tables(arguments.data, cells, arguments.only),
            *flash_tables(arguments.data, cells, arguments.only),
        ]
    if cells.missing:
        print(f"{len(cells.missing)} cells are missing: {', '.join(cells.missing)}")
    words, _, tables = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text(f"{words}{MARK}\n\n{with_sections(tables, sections)}", encoding="utf-8")


if __name__ == "__main__":
    main()
