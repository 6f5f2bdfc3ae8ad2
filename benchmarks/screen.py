"""What painting a frame of the subject's screen costs, and how well the timer keeps its schedule.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.screen
    xvfb-run -s "-screen 0 3840x2160x24" python -m benchmarks.screen [--opengl]

Real presentation, no LSL: a calibration letter of 15 repetitions at 60 Hz, 100 ms flashes and 75 ms
gaps, and a photodiode's patch. *Paint* is the time in the painter for frames that change something
(flash on, flash off); *step* is that of the presentation and of finding out what changed, for all
frames. *Late* is the stamp after the flush minus the time the frame was due. ``--opengl`` paints
through a window that swaps buffers; a virtual display does not make swaps wait, so it has no
schedule to keep.
"""

import argparse
import sys
import time

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QApplication

from bci_online.config import Config, Presentation, ScreenSpec
from bci_online.gui.frames.display import Display
from bci_online.gui.subject.screen import SessionFrames
from bci_online.gui.subject.speller_painter import SpellerPainter
from bci_online.gui.subject.texts import read_texts
from bci_online.messages import Command, Marker
from bci_online.paradigms.p300.presentation import P300Presentation
from bci_online.paradigms.picture import SpellerPicture

SIZES = ((800, 600), (1920, 1080), (3840, 2160))


class Stage:
    """The presentation alone; remembers when frames were due and shown."""

    def __init__(self, config: Config) -> None:
        self._presentation = P300Presentation(config, "calibration", [("B",)])
        self._commands = [Command("start")]
        self._markers: tuple[Marker, ...] = ()
        self._picture = SpellerPicture(state="ready")
        self.due: list[float] = []
        self.late_ms: list[float] = []

    @property
    def finished(self) -> bool:
        """Whether it is over."""
        return self._picture.state == "ended"

    def step(self, now: float) -> SpellerPicture:
        """Make a frame."""
        self._picture, self._markers = self._presentation.step(now, self._commands)
        self._commands = []
        self.due.append(now)
        return self._picture

    def shown(self, stamp: float, *, late: bool = False) -> None:
        """Note when it was shown."""
        self.late_ms.append(1000 * (stamp - self.due[-1]))

    def command(self, name: str) -> None:
        """Take a key."""
        self._commands.append(Command(name))


class TimedFrames(SessionFrames):
    """Measures what each frame costs."""

    paint_ms: list[float]
    step_ms: list[float]

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        """Make a frame."""
        begun = time.perf_counter()
        region = super().prepare(due, size, ratio)
        self.step_ms.append(1000 * (time.perf_counter() - begun))
        return region

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint one."""
        begun = time.perf_counter()
        super().paint(painter, region)
        self.paint_ms.append(1000 * (time.perf_counter() - begun))


def figures(values: list[float]) -> str:
    """Return median, 99th percentile and maximum."""
    median, high, most = np.percentile(values, [50, 99, 100])
    return f"{median:.2f} / {high:.2f} / {most:.2f}"


def row(size: tuple[int, int], swaps: bool) -> str:
    """Show a letter in a window of this size; return its line of the table."""
    config = Config(
        screen=ScreenSpec(fullscreen=False, photodiode="bottom-right"),
        presentation=Presentation(pause_s=0.0),
    )
    stage = Stage(config)
    painter = SpellerPainter(config.layout, config.screen, read_texts("en"))
    frames = TimedFrames(stage, painter, status="frame times not locked")
    frames.paint_ms, frames.step_ms = [], []
    with Display(config.screen, 60.0, time.monotonic, size=size) as display:
        display.locked = swaps
        clock = display.show(frames)
    flashes = [ms for ms in frames.paint_ms[3:]]
    late = "-" if swaps else figures(stage.late_ms[10:])
    n_late = "-" if swaps else f"{clock.n_late} of {clock.n_frames}"
    return (
        f"| {size[0]} × {size[1]} | {figures(frames.step_ms[10:])} | {figures(flashes)} "
        f"| {late} | {n_late} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opengl", action="store_true")
    swaps = parser.parse_args().opengl
    application = QApplication(sys.argv[:1])
    print("| window | step, ms | paint, ms | late, ms | late frames |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        print(row(size, swaps), flush=True)
    application.shutdown()


if __name__ == "__main__":
    main()
