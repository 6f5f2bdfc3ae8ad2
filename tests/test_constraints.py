"""`constraints.txt` holds a version of everything that the project asks for, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
LINES = (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINNED = dict(line.split("==") for line in LINES)
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# These are installed by whoever wants them, and by no test.
LEFT_OUT = {"peers", "braindecode"}
EXTRAS = DECLARED["optional-dependencies"]
INSTALLED = {key: one for key, one in EXTRAS.items() if key not in LEFT_OUT}
REQUIREMENTS = [
    Requirement(line)
    for line in (*DECLARED["dependencies"], *(one for group in INSTALLED.values() for one in group))
]


def test_each_line_is_a_name_and_a_version_and_names_no_place():
    assert [line for line in LINES if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert sorted(PINNED) == list(PINNED)
    assert "torch==2.13.0" in LINES


@pytest.mark.parametrize("asked", REQUIREMENTS, ids=str)
def test_what_the_project_asks_for_has_a_version_that_it_allows(asked):
    name = canonicalize_name(asked.name)
    if name == "bci-online" or (asked.marker is not None and not asked.marker.evaluate()):
        return

    assert asked.specifier.contains(PINNED[name], prereleases=True)
