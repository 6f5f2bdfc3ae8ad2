"""The examples of public doors run where nothing but the door is imported, as users paste them."""

import doctest
from importlib import import_module

import pytest

import calibration

DOORS = [
    *calibration.__all__,
    "sparse.sensor_ranking.rank_sensors",
    "networks.weighting_rules.alphagrad_weights",
]


def door(name: str):
    """Return what a user gets by this name, its module imported."""
    if "." not in name:
        return getattr(calibration, name)
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"calibration.{module}"), function)


@pytest.mark.parametrize("name", DOORS)
def test_the_example_of_a_public_door_runs_as_it_is_written(name) -> None:
    if "etwork" in name:
        pytest.importorskip("torch")
    known = door(name)
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(known, name, globs={known.__name__: known})
    said: list[str] = []

    result = doctest.DocTestRunner().run(example, out=said.append)

    assert result.attempted >= 2
    assert result.failed == 0, "".join(said)
