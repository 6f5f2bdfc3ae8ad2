"""The screen in a process of its own, as a session starts it: on no display, and on a virtual one.

What a window crashes is its process: here is seen that none does, and that each ends with its code.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).resolve().parents[2] / "support"

# Endless flashing; once frames come, it says so.
ENDLESS = """
import sys, time
from hand_fed import PICTURES, HandFedStage, configured
from bci_online.gui.subject.screen import run_speller

def say():
    print("begun", flush=True)

stage = HandFedStage([PICTURES["flash"]], at={5: say})
code = run_speller(stage, configured(warning=WARNING), time.monotonic)
print(*stage.commands)
sys.exit(code)
"""

# Swaps that wait for nothing are taken for locked ones: what is tested is the painting.
SWAPPING = """
import sys, time
from hand_fed import ENDED, PICTURES, HandFedStage, configured
from PySide6.QtGui import QGuiApplication
from bci_online.gui.frames.display import Display
from bci_online.gui.subject.screen import run_speller
from bci_online.gui.frames.frame_windows import SwapWindow, can_swap

found = []

def look():
    (window,) = QGuiApplication.topLevelWindows()
    image = window.screen().grabWindow(0).toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 640, 2) for y in range(0, 480, 2)}
    found.append((type(window).__name__, "#e6e8eb" in colours, "#15171a" in colours))

stage = HandFedStage([PICTURES["flash"]] * 40 + [ENDED], at={30: look})
config = configured(warning=False, fullscreen=True)
with Display(config.screen, 100.0, time.monotonic) as display:
    print(can_swap(), display.locked)
    display.locked = True
    code = run_speller(stage, config, time.monotonic, display=display)
print(*found[0])
sys.exit(code)
"""


def started(code: str, **variables: str) -> subprocess.Popen[str]:
    """Run `code` with the environment that a session would give it."""
    kept = {name: value for name, value in os.environ.items()
            if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=kept | {"PYTHONPATH": str(SUPPORT)} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Interrupt a process once it shows frames; return code and what it wrote."""
    assert process.stdout is not None
    begun = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    written, errors = process.communicate(timeout=20)
    assert begun == "begun\n", errors
    return process.returncode, written.replace("begun\n", ""), errors


def test_without_a_display_it_draws_into_memory_says_so_and_ends_on_an_interrupt():
    code, written, errors = interrupted(started(ENDLESS.replace("WARNING", "False")))

    assert (code, written) == (0, "abort\n"), errors
    assert "no display is set" in errors
    assert "Traceback" not in errors


def test_on_a_display_it_ends_on_an_interrupt(virtual_display):
    process = started(ENDLESS.replace("WARNING", "False"), DISPLAY=virtual_display)

    code, written, errors = interrupted(process)

    assert (code, written) == (0, "abort\n"), errors
    assert "Traceback" not in errors


@pytest.mark.live
def test_an_interrupt_at_the_question_is_a_no():
    question = """
from bci_online.gui.subject import screen
painted = screen.WarningFrames.paint
def paint(self, *arguments):
    painted(self, *arguments)
    print("begun", flush=True)
screen.WarningFrames.paint = paint
"""
    process = started(question + ENDLESS.replace("WARNING", "True"), QT_QPA_PLATFORM="offscreen")

    code, written, errors = interrupted(process)

    assert (code, written) == (3, "\n"), errors


def test_a_swapping_window_paints_the_same_picture(virtual_display):
    process = started(SWAPPING, DISPLAY=virtual_display)

    written, errors = process.communicate(timeout=40)

    if written.startswith("False"):
        pytest.skip("no OpenGL on the virtual display (Debian: apt install libgl1-mesa-dri)")
    assert process.returncode == 0, errors
    assert written == "True False\nSwapWindow True True\n"
