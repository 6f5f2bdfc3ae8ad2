"""The page of decoders: one table is made anew, all else stays and says of which day it is."""

from benchmarks.decoder_cells import Cell, Cells, Section, with_sections

TABLES = """

## Muse

| method | epochs | AUC | computed |
|---|---|---|---|
| lda | to 8 Hz | 0.7 | 2026-11-01 |
| auto | lda | 0.6 | 2026-11-01 |

## Wadsworth

| method | epochs | AUC | computed |
|---|---|---|---|
| lda | to 8 Hz | 0.9 | 2026-11-01 |
"""


def test_one_section_is_made_anew_and_the_rows_that_it_lacks_stay_with_their_day():
    lines = [
        "| method | epochs | AUC | computed |",
        "|---|---|---|---|",
        "| auto | svm | 0.8 | 2026-11-02 |",
    ]

    page = with_sections(TABLES, [Section("Muse", lines, n_names=2)])

    assert "| auto | svm | 0.8 | 2026-11-02 |" in page
    assert "| lda | to 8 Hz | 0.7 | 2026-11-01, older code |" in page
    assert "0.6" not in page
    assert page.endswith(TABLES[TABLES.index("## Wadsworth") :])
    assert with_sections(page, []) == page


def test_a_cell_of_other_code_stays_and_says_so_until_it_is_renewed(tmp_path):
    path, n = tmp_path / "cells.jsonl", []

    def compute():
        n.append(1)
        return Cell(key="a", values=(float(len(n)),))

    first = Cells(path, minutes=1.0).get("a", compute, "calibration.folds")
    same = Cells(path, minutes=1.0).get("a", compute, "calibration.folds")
    other = Cells(path, minutes=1.0).get("a", compute, "calibration.bootstrap")
    late = Cells(path, minutes=-1.0, renew=True)
    stale = late.get("a", compute, "calibration.bootstrap")
    new = Cells(path, minutes=1.0, renew=True).get("a", compute, "calibration.bootstrap")

    assert first == same
    assert other.date == stale.date == f"{first.date}, older code"
    assert late.missing == ["a"]
    assert (new.values, new.date) == ((2.0,), first.date)
    assert Cells(path, minutes=-1.0).get("a", compute, "calibration.bootstrap") == new
