"""The subject's screen of a speller session: the question, then frame after frame, then the end."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QApplication

from bci_online.config import Config
from bci_online.errors import ConfigError
from bci_online.gui.display import Display
from bci_online.gui.flips import Stage
from bci_online.gui.notices import paint_notice
from bci_online.gui.speller import SpellerPainter
from bci_online.gui.texts import Texts, read_texts
from bci_online.paradigms.picture import SpellerPicture

__all__ = ["DECLINED", "ENDED", "SpellerFrames", "WarningFrames", "run_speller"]

logger = logging.getLogger(__name__)

ENDED, DECLINED = 0, 3
"""Exit codes: the session came to its end, or the subject left before anything flashed."""

# So long the last picture stays, where the session was not broken off.
FAREWELL_S = 1.5
# A refresh that differs by more shifts flashes against their schedule.
SAME_REFRESH = 0.02


class WarningFrames:
    """Asks whether flashing light is harmless for the subject: Space goes on, Esc leaves.

    Attributes
    ----------
    accepted : bool or None
        The answer; None before there is one.
    """

    def __init__(self, painter: SpellerPainter, texts: Texts) -> None:
        self._painter, self._texts = painter, texts
        self._size = QSize()
        self.accepted: bool | None = None

    @property
    def done(self) -> bool:
        """Whether there is an answer."""
        return self.accepted is not None

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        """Return what is new: nothing, but in a window of another size."""
        if size == self._size:
            return QRegion()
        self._size = QSize(size)
        return QRegion(0, 0, size.width(), size.height())

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint the question."""
        texts, size = self._texts, self._size
        painter.fillRect(0, 0, size.width(), size.height(), self._painter.theme.ground)
        height = 0.84 * size.height()
        # Lines of text are read best where they are not long.
        width = min(0.84 * size.width(), 1.4 * height)
        room = QRectF((size.width() - width) / 2, (size.height() - height) / 2, width, height)
        paint_notice(
            painter,
            room,
            self._painter.lettering,
            self._painter.theme,
            texts.warning,
            texts.warning_body,
            texts.warning_hint,
        )

    def shown(self, stamp: float, *, late: bool) -> None:
        """Nothing depends on when it is shown."""

    def press(self, key: int) -> None:
        """Take the answer."""
        if key in {Qt.Key.Key_Space, Qt.Key.Key_Escape}:
            self.accepted = key == Qt.Key.Key_Space

    def leave(self) -> None:
        """Leave without an answer: that is a no."""
        self.accepted = False


class SpellerFrames:
    """A session, frame by frame: Space pauses at the letter's end and goes on, Esc ends it.

    Parameters
    ----------
    stage : Stage
        The presentation on its streams.
    painter : SpellerPainter
        Paints its pictures.
    status : str
        What the quiet line says of the screen itself.
    sound : bool
        Beep with each cue.

    Attributes
    ----------
    pictures : dict of str to SpellerPicture
        The last picture of each state, and one with a flash under ``flash``.
    """

    def __init__(
        self,
        stage: Stage[SpellerPicture],
        painter: SpellerPainter,
        *,
        status: str = "",
        sound: bool = False,
    ) -> None:
        self._stage, self._painter = stage, painter
        self._status, self._sound = status, sound
        self._picture: SpellerPicture | None = None
        self._until: float | None = None
        self._is_left = False
        self._stamp = 0.0
        self.pictures: dict[str, SpellerPicture] = {}

    @property
    def done(self) -> bool:
        """Whether the last picture was seen long enough."""
        return self._until is not None and self._stamp >= self._until

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        """Step the presentation to the frame that is due then."""
        before = self._picture
        picture = self._picture = self._stage.step(due)
        self.pictures[picture.state] = picture
        if picture.lit:
            self.pictures["flash"] = picture
        if self._sound and picture.cue and not (before and before.cue):
            QApplication.beep()
        return self._painter.prepare(picture, size, ratio, self._status)

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint it."""
        self._painter.paint(painter, region)

    def shown(self, stamp: float, *, late: bool) -> None:
        """Give the frame's markers their time."""
        self._stage.shown(stamp, late=late)
        self._stamp = stamp
        if self._until is None and self._stage.finished:
            ended = self._picture is not None and self._picture.reason != "abort"
            self._until = stamp + (FAREWELL_S if ended and not self._is_left else 0.0)

    def press(self, key: int) -> None:
        """Send what a key means."""
        picture = self._picture
        if key == Qt.Key.Key_Escape:
            self._stage.command("abort")
        elif key == Qt.Key.Key_Space and picture is not None:
            goes_on = picture.state == "paused" or picture.pausing
            self._stage.command("resume" if goes_on else "pause")

    def leave(self) -> None:
        """End at once, but in order: the markers of the end are sent."""
        self._is_left = True
        self._until = None if self._until is None else self._stamp
        self._stage.command("abort")


def run_speller(
    stage: Stage[SpellerPicture],
    config: Config,
    time: Callable[[], float],
    *,
    display: Display | None = None,
    warn: bool = True,
    pictures: Path | None = None,
) -> int:
    """Show a session until its end; return `ENDED` or `DECLINED`.

    Parameters
    ----------
    stage : Stage
        The session, for instance a `ScreenLink`; whoever opened it closes it.
    config : Config
        Layout, screen, presentation.
    time : callable
        The clock of all stamps in seconds: LSL's.
    display : Display, optional
        One that is open; one is opened if not given.
    warn : bool
        Ask about photosensitivity, where the configuration does not say otherwise; False where the
        subject is simulated.
    pictures : Path, optional
        A folder that gets an image of the last frame of each state, once all is over.

    Raises
    ------
    ConfigError
        If a monitor, font or image is missing, or the display's refresh rate is another than
        ``presentation.refresh_hz``: flashes are counted in its frames.
    """
    if display is not None:
        return _run(stage, config, display, warn=warn, pictures=pictures)
    with Display(config.screen, config.presentation.refresh_hz, time) as opened:
        return _run(stage, config, opened, warn=warn, pictures=pictures)


def _run(
    stage: Stage[SpellerPicture],
    config: Config,
    display: Display,
    *,
    warn: bool,
    pictures: Path | None,
) -> int:
    wanted = config.presentation.refresh_hz
    if abs(display.refresh_hz / wanted - 1) > SAME_REFRESH:
        raise ConfigError(
            f"presentation.refresh_hz = {wanted:g}, but monitor {display.monitor!r} refreshes at "
            f"{display.refresh_hz:g} Hz; write that, or choose another monitor"
        )
    texts = read_texts(config.screen.texts)
    with_words = bool(config.language.code)
    painter = SpellerPainter(config.layout, config.screen, texts, with_words=with_words)
    if warn and config.screen.warning:
        question = WarningFrames(painter, texts)
        display.show(question)
        if not question.accepted:
            return DECLINED
    status = "" if display.locked else texts.unlocked
    frames = SpellerFrames(stage, painter, status=status, sound=config.screen.sound)
    clock = display.show(frames)
    logger.info("%d frames, %d of them late", clock.n_frames, clock.n_late)
    if pictures is not None:
        _keep(frames, painter, status, pictures)
    return ENDED


def _keep(frames: SpellerFrames, painter: SpellerPainter, status: str, folder: Path) -> None:
    """Write one image for each state; only now, as a frame must not wait for a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in frames.pictures.items():
        image = painter.image(picture, QSize(1280, 720), status)
        if not image.save(str(folder / f"{name}.png")):
            raise OSError(5, "the picture cannot be written", str(folder / f"{name}.png"))
