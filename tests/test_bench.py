"""The page that `make bench` writes."""

from benchmarks import bench

ROW = {
    "what": "`--help`",
    "unit": "s",
    "ours": 0.1,
    "beside": {"bare": 0.05},
    "bar": "0.15",
    "most": 0.15,
}


def found(ours, bare=0.05):
    return {"start": bench.Found([ROW | {"ours": ours, "beside": {"bare": bare}}], seconds=3.0)}


def test_the_next_page_names_what_has_become_worse_and_by_how_much(tmp_path):
    output = tmp_path / "benchmarks.md"
    output.write_text(bench.page(found(0.1), output, load=0.5))

    output.write_text(bench.page(found(0.115), output, load=0.5))
    assert "Nothing." in output.read_text()

    page = bench.page(found(0.2), output, load=0.5)
    assert "* start: `--help` (s): 0.115 → 0.2" in page
    assert "| `--help` | s | 0.2 | bare 0.05 | 4.00 | 0.15 |" in page


def test_a_part_that_failed_says_why_and_keeps_its_last_figures(tmp_path):
    output = tmp_path / "benchmarks.md"
    output.write_text(bench.page(found(0.1), output, load=0.5))
    failed = {"start": bench.Found([], 300.0, "it took more than five minutes")}

    page = bench.page(failed, output, load=0.5)

    assert "Not measured: it took more than five minutes." in page
    kept = '{"start: `--help` (s)": 0.1, "start: `--help` (s) beside bare": 0.05}'
    assert bench.KEPT.search(page)[1] == kept


def test_a_slower_computer_makes_nothing_of_ours_worse(tmp_path):
    output = tmp_path / "benchmarks.md"
    output.write_text(bench.page(found(0.1), output, load=0.5))

    page = bench.page(found(0.2, bare=0.1), output, load=0.5)

    assert "The others take 2.00 × as long" in page
    assert "* start" not in page
    assert "* start" in bench.page(found(0.3, bare=0.1), output, load=0.5)
