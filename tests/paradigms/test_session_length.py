"""How long a session is said to take is how long its presentation takes."""

import msgspec
import pytest
from screens import START

from bci_online.config import Config
from bci_online.paradigms.motor_imagery.presentation import GrazPresentation
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.paradigms.session_length import imagery_session_s, speller_session_s

CONFIG = Config()
HZ = CONFIG.presentation.refresh_hz


def seconds_of(screen) -> float:
    """Return the time from the session's first frame to its last, frame by frame."""
    n, news = 0, [START]
    while screen.step(n / HZ, news)[0].state != "ended":
        n, news = n + 1, []
    return n / HZ


@pytest.mark.parametrize("repetitions", [1, 3])
def test_a_calibration_of_letters(repetitions):
    shown = msgspec.structs.replace(CONFIG.presentation, repetitions=repetitions)
    config = msgspec.structs.replace(CONFIG, presentation=shown)

    lasted = seconds_of(P300Presentation(config, "calibration", ("ABC",)))

    expected = speller_session_s(config, 3, repetitions, decides=False)
    # Each state of a letter begins with a frame.
    assert lasted == pytest.approx(expected, abs=3 * 6 / HZ)


def test_a_calibration_of_imagery():
    shown = msgspec.structs.replace(CONFIG.presentation, trials_per_class=10)
    config = msgspec.structs.replace(CONFIG, presentation=shown, paradigm="motor_imagery")

    lasted = seconds_of(GrazPresentation(config))

    # Pauses are drawn at random.
    assert lasted == pytest.approx(imagery_session_s(config, feedback=False), rel=0.03)
