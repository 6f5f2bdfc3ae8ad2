"""Rows of measurements that stay in the repository, and the page that is made of them.

A row is a line of JSON in benchmarks/results, written as soon as it is measured. So a run that was
stopped goes on with the next one, and a page can be made again without measuring.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from calibration.code_hash import code_hash

Row = TypeVar("Row")


def kept_file(name: str) -> Path:
    """Return the file of a benchmark's rows in the repository."""
    return Path(__file__).parent / "results" / f"{name}.jsonl"


def rows_of(file: Path, kind: type[Row]) -> list[Row]:
    """Return the rows of a file, none where there is no file; a line that a kill cut is no row."""
    rows = []
    for line in file.read_bytes().splitlines() if file.is_file() else []:
        try:
            rows.append(msgspec.json.decode(line, type=kind))
        except msgspec.MsgspecError:
            continue
    return rows


def code_of(*modules: str) -> str:
    """Return a hash of modules, and of all that they import of this project."""
    hashes = "".join(code_hash(module) for module in modules)
    return hashlib.sha256(hashes.encode()).hexdigest()[:12]


def add_row(file: Path, row: Any) -> None:
    """Append a row."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as rows:
        rows.write(msgspec.json.encode(row) + b"\n")


def write_between(page: Path, marks: tuple[str, str], lines: Sequence[str]) -> None:
    """Put lines between the two marks of a page, which stand on lines of their own."""
    before, rest = page.read_text(encoding="utf-8").split(marks[0], 1)
    after = rest.split(marks[1], 1)[1]
    body = "\n".join([before + marks[0], "", *lines, marks[1] + after])
    page.write_text(body, encoding="utf-8")
