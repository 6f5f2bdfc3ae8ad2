"""The page that `make bench` writes."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"

ROW = {
    "what": "`--help`",
    "unit": "s",
    "ours": 0.1,
    "beside": {"bare": 0.05},
    "bar": "0.15",
    "most": 0.15,
}


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("bench")


def found(bench, ours):
    return {"start": bench.Found([ROW | {"ours": ours}], seconds=3.0)}


def test_the_next_page_names_what_has_become_worse_and_by_how_much(bench, tmp_path):
    output = tmp_path / "benchmarks.md"
    output.write_text(bench.page(found(bench, 0.1), output, load=0.5))

    output.write_text(bench.page(found(bench, 0.115), output, load=0.5))
    assert "Nothing." in output.read_text()

    page = bench.page(found(bench, 0.2), output, load=0.5)
    assert "* start: `--help` (s): 0.115 → 0.2" in page
    assert "| `--help` | s | 0.2 | bare 0.05 | 4.00 | 0.15 |" in page


def test_a_part_that_failed_says_why_and_keeps_its_last_figures(bench, tmp_path):
    output = tmp_path / "benchmarks.md"
    output.write_text(bench.page(found(bench, 0.1), output, load=0.5))
    failed = {"start": bench.Found([], 300.0, "it took more than five minutes")}

    page = bench.page(failed, output, load=0.5)

    assert "Not measured: it took more than five minutes." in page
    assert bench.KEPT.search(page)[1] == '{"start: `--help` (s)": 0.1}'
