"""What `bci-online spell` says before it begins."""

from bci_online.commands.spell import UNCALIBRATED, _uncalibrated
from bci_online.config import Config, Stopping


def test_too_few_repetitions_for_letters_without_calibration_are_said() -> None:
    said = _uncalibrated(Config(stopping=Stopping(max_repetitions=8)))

    assert said == f"{UNCALIBRATED}; stopping.max_repetitions = 8 ends them before: 15 is usual"
    assert _uncalibrated(Config()) == UNCALIBRATED
