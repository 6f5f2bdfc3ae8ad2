"""The examples in the docstrings run and print what they say."""

import doctest
import importlib
import pydoc
import re
from pathlib import Path

import pytest

import bci_online
import calibration

PACKAGES = (bci_online, calibration)

# What a reader of the API pages meets first; each must have an example.
SHOWN = (
    "acquisition.simulator.SimulatedAmplifier",
    "acquisition.synthetic_eeg.SyntheticEEG",
    "acquisition.xdf.writer.write_xdf",
    "config.reading.read_config",
    "decoding.decoder.match_stream",
    "decoding.decoder_file.make_decoder",
    "decoding.decoder_file.read_decoder",
    "decoding.linear.LinearDecoder",
    "decoding.spatial.SpatialDecoder",
    "markers.parse_marker",
    "paradigms.motor_imagery.decision.MotorImagery",
    "paradigms.motor_imagery.presentation.GrazPresentation",
    "paradigms.p300.decision.P300Speller",
    "paradigms.p300.flash_order.flash_order",
    "paradigms.p300.letter_evidence.LetterEvidence",
    "preprocessing.artefacts.artefact_limits",
    "preprocessing.clock.SampleClock",
    "preprocessing.clock_offsets.ClockOffsets",
    "preprocessing.epoching.Epoching",
    "preprocessing.filters.CausalFilter",
    "preprocessing.filters.FilterBank",
    "preprocessing.photodiode.display_delay",
    "preprocessing.quality.assess",
    "preprocessing.recentring.Recentring",
    "preprocessing.ring_buffer.RingBuffer",
    "preprocessing.windowing.Windowing",
    "runtime.assembly.online_chain",
    "runtime.chain.Chain",
    "runtime.replay.replay",
    "translation.Translator",
)


# A whole training takes seconds.
SLOW = {"calibration.p300.training"}
NEED_TORCH = re.compile(
    r"bci_online\.decoding\.network|calibration\.(networks|\w+\.(network|window_classifier))"
)


def modules_with_examples() -> list[object]:
    names = sorted(
        ".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts))
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

    result = doctest.testmod(imported)

    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", SHOWN)
def test_what_the_api_pages_show_first_has_an_example(name):
    shown = pydoc.locate(f"bci_online.{name}")

    assert ">>> " in (shown.__doc__ or "")
