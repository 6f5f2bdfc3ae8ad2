"""The subject's screen of a session: a question, the frames of the session, the end."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QApplication

from bci_online.config import Config
from bci_online.errors import ConfigError
from bci_online.gui.frames.display import Display
from bci_online.gui.frames.frame_clock import Stage
from bci_online.gui.subject.imagery_painter import ImageryPainter
from bci_online.gui.subject.picture_painter import PicturePainter
from bci_online.gui.subject.question import WarningFrames
from bci_online.gui.subject.speller_painter import SpellerPainter
from bci_online.gui.subject.texts import Texts, read_texts
from bci_online.paradigms.picture import ImageryPicture, SpellerPicture

__all__ = [
    "DECLINED",
    "ENDED",
    "SessionFrames",
    "WarningFrames",
    "run_imagery",
    "run_speller",
]

logger = logging.getLogger(__name__)

ENDED, DECLINED = 0, 3
"""Exit codes: the session reached its end, or the subject left before anything flashed."""

# The last picture stays this long, unless the session was aborted.
FAREWELL_S = 1.5
# With a larger difference in refresh rate, flashes leave their schedule.
SAME_REFRESH = 0.02


class SessionFrames:
    """A session, frame by frame: Space pauses at the trial's end and continues, Esc ends it.

    Parameters
    ----------
    stage : Stage
        The presentation on its streams.
    painter : PicturePainter
        Paints its pictures.
    status : str
        A word about the screen itself, for the quiet line.
    sound : bool
        Beep with each cue; with imagery, when the cross appears.

    Attributes
    ----------
    pictures : dict of str to SpellerPicture or ImageryPicture
        The last picture of each state, and one of each event that only some pictures of a state
        show: ``flash``, ``hit``, ``miss``, ``timeout``.

    See Also
    --------
    bci_online.gui.frames.frame_clock.Frames : What it is.
    """

    def __init__(
        self,
        stage: Stage[Any],
        painter: PicturePainter[Any, Any],
        *,
        status: str = "",
        sound: bool = False,
    ) -> None:
        self._stage, self._painter = stage, painter
        self._status, self._sound = status, sound
        self._picture: SpellerPicture | ImageryPicture | None = None
        self._look: tuple[QSize, float] | None = None
        self._until: float | None = None
        self._is_left = False
        self._stamp = 0.0
        self.pictures: dict[str, SpellerPicture | ImageryPicture] = {}

    @property
    def done(self) -> bool:
        """Whether the last picture was shown long enough."""
        return self._until is not None and self._stamp >= self._until

    @property
    def is_aborted(self) -> bool:
        """Whether the session was ended before its time."""
        return self._picture is not None and self._picture.reason == "abort"

    def prepare(self, due: float, size: QSize, ratio: float) -> QRegion:
        """Step the presentation to the frame that is due then."""
        before, look = self._picture, (QSize(size), ratio)
        picture = self._picture = self._stage.step(due)
        if picture == before and look == self._look:
            return QRegion()
        self._look = look
        self.pictures |= dict.fromkeys(_names(picture), picture)
        if self._sound and _begins_beep(picture, before):
            QApplication.beep()
        return self._painter.prepare(picture, size, ratio, self._status)

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint the frame."""
        self._painter.paint(painter, region)

    def shown(self, stamp: float, *, late: bool) -> None:
        """Give the frame's markers their time."""
        self._stage.shown(stamp, late=late)
        self._stamp = stamp
        if self._until is None and self._stage.finished:
            ends_soon = self.is_aborted or self._is_left
            self._until = stamp + (0.0 if ends_soon else FAREWELL_S)

    def hide(self, hidden: bool) -> None:
        """Stop the presentation while the window is hidden."""
        self._stage.command("hide" if hidden else "show")

    def press(self, key: int) -> None:
        """Send the command of a key."""
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


def _names(picture: SpellerPicture | ImageryPicture) -> list[str]:
    """Return the names under which a picture is kept: its state, and what it shows."""
    if isinstance(picture, SpellerPicture):
        return [picture.state, *(["flash"] if picture.lit else [])]
    return [picture.state, *([picture.outcome] if picture.outcome else [])]


def _begins_beep(
    picture: SpellerPicture | ImageryPicture, before: SpellerPicture | ImageryPicture | None
) -> bool:
    if isinstance(picture, ImageryPicture):
        return picture.beep
    return bool(picture.cue) and not (before is not None and before.cue)


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
        The session, for instance a `ScreenLink`; the caller closes it.
    config : Config
        Layout, screen, presentation.
    time : callable
        The clock of all stamps in seconds: LSL's.
    display : Display, optional
        An open one; by default one is opened.
    warn : bool
        Ask about photosensitivity, unless the configuration turns that off. False for a simulated
        subject.
    pictures : Path, optional
        Folder for an image of the last frame of each state, written at the end; of a session that
        was aborted there are none.

    Returns
    -------
    code : int
        `ENDED` or `DECLINED`.

    Raises
    ------
    ConfigError
        If a monitor, font or image is missing, or the display's refresh rate differs from
        ``presentation.refresh_hz``: flashes are counted in its frames.

    See Also
    --------
    run_imagery : The same for imagery.
    """
    if display is None:
        with Display(config.screen, config.presentation.refresh_hz, time) as opened:
            return run_speller(stage, config, time, display=opened, warn=warn, pictures=pictures)
    wanted = config.presentation.refresh_hz
    if abs(display.refresh_hz / wanted - 1) > SAME_REFRESH:
        raise ConfigError(
            f"presentation.refresh_hz = {wanted:g}, but monitor {display.monitor!r} refreshes at "
            f"{display.refresh_hz:g} Hz; write that, or choose another monitor"
        )
    texts = read_texts(config.screen.texts)
    painter = SpellerPainter(config.layout, config.screen, texts)
    if warn and config.screen.warning:
        question = WarningFrames(painter, texts)
        display.show(question)
        if not question.accepted:
            return DECLINED
    _show(stage, painter, config, texts, display, pictures)
    return ENDED


def run_imagery(
    stage: Stage[ImageryPicture],
    config: Config,
    display: Display,
    *,
    pictures: Path | None = None,
) -> None:
    """Show a session of motor imagery until its end.

    Nothing flashes, so there is no question about photosensitivity.

    Parameters
    ----------
    stage : Stage
        The session, for instance a `ScreenLink`; the caller closes it.
    config : Config
        Classes, screen, presentation.
    display : Display
        An open one.
    pictures : Path, optional
        Folder for an image of the last frame of each state, written at the end; of a session that
        was aborted there are none.

    Raises
    ------
    ConfigError
        If a font is missing.

    See Also
    --------
    run_speller : The same for letters.
    """
    texts = read_texts(config.screen.texts)
    painter = ImageryPainter(config.presentation.classes, config.imagery, config.screen, texts)
    _show(stage, painter, config, texts, display, pictures)


def _show(
    stage: Stage[Any],
    painter: PicturePainter[Any, Any],
    config: Config,
    texts: Texts,
    display: Display,
    pictures: Path | None,
) -> None:
    """Show a session on a display; save pictures of it if a folder is given."""
    status = "" if display.locked else texts.unlocked
    frames = SessionFrames(stage, painter, status=status, sound=config.screen.sound)
    clock = display.show(frames)
    logger.info("%d frames, %d of them late", clock.n_frames, clock.n_late)
    # Who aborts a session waits for its end: drawing a dozen pictures takes up to a second.
    if pictures is None or frames.is_aborted:
        return
    # Saved after the session: a frame must not wait for a file.
    pictures.mkdir(parents=True, exist_ok=True)
    for name, picture in frames.pictures.items():
        image = painter.image(picture, QSize(1280, 720), status)
        if not image.save(str(pictures / f"{name}.png")):
            raise OSError(5, "the picture cannot be written", str(pictures / f"{name}.png"))
