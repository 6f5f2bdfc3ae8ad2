"""The examples in the docstrings run and print what they say."""

import doctest
import importlib
import linecache
import re
from pathlib import Path

import pytest

import bci_online
import calibration

PACKAGES = (bci_online, calibration)

# A whole training takes seconds.
SLOW = {
    "calibration.motor_imagery.evaluation",
    "calibration.motor_imagery.training",
    "calibration.p300.evaluation",
    "calibration.p300.promise",
    "calibration.p300.response_change",
    "calibration.p300.response_time",
    "calibration.p300.sensor_figure",
    "calibration.p300.training",
}
NEED_TORCH = re.compile(
    r"bci_online\.decoding\.network|calibration\.(networks|\w+\.(network|window_classifier))"
)


def modules_with_examples() -> list[object]:
    names = sorted(
        ".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts)).removesuffix(
            ".__init__"
        )
        for package in PACKAGES
        for folder in [Path(package.__file__).parent]
        for path in folder.rglob("*.py")
        if ">>> " in path.read_text(encoding="utf-8")
    )
    return [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in names]


@pytest.mark.parametrize("module", modules_with_examples())
def test_the_examples_of_a_module_print_what_they_say(module):
    if NEED_TORCH.match(module):
        pytest.importorskip("torch")
    imported = importlib.import_module(module)

    # Each run asks the disk about every file that the line cache knows: a thousand, 23 times a
    # module, if docstrings without an example run too and the cache is not emptied.
    linecache.clearcache()
    examples = [one for one in doctest.DocTestFinder().find(imported) if one.examples]
    runner = doctest.DocTestRunner()

    for one in examples:
        runner.run(one)

    assert runner.tries > 0
    assert runner.failures == 0
