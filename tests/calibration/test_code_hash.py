"""What is another program, and what is not."""

import sys
from types import ModuleType

import pytest

from calibration import code_hash as hashed
from calibration.code_hash import code_hash


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of ours in which ``work`` imports ``step`` inside a function."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "work.py").write_text(
        "def compute():\n    from ours.step import gain\n    return gain"
    )
    (folder / "step.py").write_text("gain = 2")
    module = ModuleType("ours")
    module.__file__ = str(folder / "__init__.py")
    monkeypatch.setitem(sys.modules, "ours", module)
    monkeypatch.setattr(hashed, "OURS", ("ours",))
    return folder


def hash_of_work() -> str:
    for cached in (hashed.code_hash, hashed._read):
        cached.cache_clear()
    return code_hash("ours.work")


@pytest.mark.parametrize(
    ("name", "text", "is_same"),
    [
        ("step.py", "# Twice.\ngain = 2\n", True),
        ("step.py", '"""The gain."""\n\ngain = 2', True),
        ("step.py", "gain = 3", False),
        ("work.py", "def compute():\n    return 2", False),
        ("other.py", "unused = 1", True),
    ],
)
def test_only_code_that_the_work_leads_to_makes_another_hash(package, name, text, is_same) -> None:
    before = hash_of_work()

    (package / name).write_text(text)

    assert (hash_of_work() == before) is is_same


def test_the_experiments_lead_to_the_solver() -> None:
    hashed._read.cache_clear()
    code_hash("calibration.experiments.simulated_subjects")

    assert hashed._read.cache_info().currsize > 20
    assert hashed._read("calibration.sparse.solvers.prox_newton")[0]
