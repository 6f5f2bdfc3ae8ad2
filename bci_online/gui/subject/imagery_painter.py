"""Paint the picture of motor imagery: cross, arrow, feedback, outcome, and a quiet line."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QRegion

from bci_online.config import ImagerySpec, ScreenSpec
from bci_online.gui.subject.imagery_geometry import ImageryGeometry, imagery_geometry
from bci_online.gui.subject.imagery_shapes import Shapes
from bci_online.gui.subject.notices import paint_notice
from bci_online.gui.subject.picture_painter import NOTICES, PicturePainter, beside, whole
from bci_online.gui.subject.texts import Texts
from bci_online.paradigms.picture import ImageryPicture

__all__ = ["ImageryPainter"]

# Height of letters, as a share of their place.
WORD_LETTER = 0.62


@dataclass(frozen=True)
class _Scene:
    """Everything that is visible, so that two frames can be compared."""

    cross: bool
    arrow: str
    asked: str
    feedback: dict[str, float] | None
    word: str
    outcome: str
    foot: tuple[str, str, bool]
    notice: tuple[str, str] | None
    patch: bool

    @property
    def still(self) -> tuple[object, ...]:
        """The parts of the field that rarely change."""
        return self.cross, self.arrow, self.asked, self.feedback is None


class ImageryPainter(PicturePainter[ImageryPicture, ImageryGeometry]):
    """Draw what changed since the frame before, in shapes that differ without colour.

    Parameters
    ----------
    classes : sequence of str
        Classes of the cues.
    imagery : ImagerySpec
        Direction and name of each class, and the shape of the feedback.
    screen : ScreenSpec
        Theme, font, the photodiode's corner.
    texts : Texts
        What the subject reads.

    Raises
    ------
    ConfigError
        If a font is missing.

    See Also
    --------
    bci_online.gui.subject.imagery_shapes.Shapes : The shapes.

    Notes
    -----
    The scale of the feedback is fixed: from the cross, which is chance, to the end of a track,
    which is the decoder's threshold.
    """

    def __init__(
        self, classes: Sequence[str], imagery: ImagerySpec, screen: ScreenSpec, texts: Texts
    ) -> None:
        super().__init__(screen)
        self._directions = imagery.directions_of(classes)
        self._words = {name: imagery.words.get(name, texts.class_word(name)) for name in classes}
        self._shape, self._texts = imagery.shape, texts
        self._scene: _Scene | None = None
        self._status: str | None = None
        self._word_font = QFont()

    def prepare(
        self, picture: ImageryPicture, size: QSize, ratio: float = 1.0, status: str = ""
    ) -> QRegion:
        """Make the frame; lines and letters use all pixels of the screen, whatever the ratio."""
        if (size, status) != (self._size, self._status):
            self._divide(size, status)
        before, scene = self._scene, self._scene_of(picture, status)
        self._scene = scene
        return self._difference(before, scene)

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint `region` of the prepared frame."""
        scene, geometry = self._scene, self._geometry
        if scene is None or geometry is None:
            return
        painter.setClipRegion(region)
        painter.fillRect(region.boundingRect(), QColor(self.theme.ground))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if scene.notice is not None:
            title, hint = scene.notice
            paint_notice(painter, geometry.room, self.typeface, self.theme, title, "", hint)
        if region.intersects(_outer(geometry.field)):
            self._paint_field(painter, scene, geometry)
        if region.intersects(_outer(geometry.word)):
            self._paint_word(painter, scene, geometry)
        if region.intersects(_outer(geometry.foot)):
            left, right, is_loud = scene.foot
            self._paint_foot(painter, geometry.foot, left, right, is_loud=is_loud)
        self._paint_patch(painter, region, is_lit=scene.patch)

    def _divide(self, size: QSize, status: str) -> None:
        """Compute all places again if the window has changed."""
        self._size, self._status, self._scene = QSize(size), status, None
        directions = set(self._directions.values())
        geometry = imagery_geometry(size, directions, corner=self._corner)
        self._geometry = geometry
        # Numbers with many digits: the font must fit the longest line.
        longest = ImageryPicture(state="between", n=888, n_total=888, hits=888, judged=888)
        self._fit_foot(self._texts.trial_lines(), self._right_of(longest, status))
        texts, word = self._texts, geometry.word.size()
        # The sign of an outcome may be beside a word.
        words = [*self._words.values(), *(f"{each}     " for each in
                 (texts.hit, texts.miss, texts.timeout))]  # fmt: skip
        self._word_font = self.typeface.fitted(words, word, WORD_LETTER * word.height())

    def _scene_of(self, picture: ImageryPicture, status: str) -> _Scene:
        return _Scene(
            cross=picture.cross,
            arrow=picture.cue,
            asked=picture.asked if picture.feedback is not None else "",
            feedback=picture.feedback,
            word=self._words.get(picture.cue, picture.cue),
            outcome=picture.outcome,
            foot=self._foot_of(picture, status),
            notice=self._notice_of(picture),
            patch=picture.state == "cue",
        )

    def _notice_of(self, picture: ImageryPicture) -> tuple[str, str] | None:
        if picture.state not in NOTICES:
            return None
        if picture.reason == "abort":
            return self._texts.aborted, ""
        return self._texts.of(picture.state), self._texts.of(f"{picture.state}_hint")

    def _foot_of(self, picture: ImageryPicture, status: str) -> tuple[str, str, bool]:
        """Return the state in words, score and place, and whether the first should be noticed."""
        texts = self._texts
        lines = {"cue": texts.imagine, "deciding": texts.deciding, "between": texts.relax}
        line = texts.trial_pausing if picture.pausing else lines.get(picture.state, "")
        is_loud = picture.pausing or picture.state == "cue"
        # Before the first trial there is nothing to relax from.
        if picture.state == "between" and not picture.n and not picture.pausing:
            line = ""
        return line, self._right_of(picture, status), is_loud

    def _right_of(self, picture: ImageryPicture, status: str) -> str:
        score = self._texts.score(picture.hits, picture.judged) if picture.judged else ""
        place = self._texts.trial_place(picture.n, picture.n_total) if picture.n else ""
        return beside(score, place, status)

    def _difference(self, before: _Scene | None, scene: _Scene) -> QRegion:
        if before is None or before.notice != scene.notice:
            return whole(self._size)
        geometry = self.geometry
        changed = QRegion()
        if before.still != scene.still:
            changed += _outer(geometry.field)
        elif before.feedback != scene.feedback:
            changed += _outer(geometry.moving)
        if (before.word, before.outcome) != (scene.word, scene.outcome):
            changed += _outer(geometry.word)
        if before.foot != scene.foot:
            changed += _outer(geometry.foot)
        if before.patch != scene.patch and geometry.patch.isValid():
            changed += geometry.patch.toRect()
        return changed

    def _paint_field(self, painter: QPainter, scene: _Scene, geometry: ImageryGeometry) -> None:
        shapes = Shapes(geometry, self.theme, self._directions)
        if scene.feedback is not None:
            shapes.feedback(painter, self._shape, scene.feedback, scene.asked)
        if scene.arrow:
            shapes.arrow(painter, scene.arrow)
        if scene.cross:
            shapes.cross(painter)

    def _paint_word(self, painter: QPainter, scene: _Scene, geometry: ImageryGeometry) -> None:
        painter.setFont(self._word_font)
        if scene.word:
            painter.setPen(QColor(self.theme.cue))
            painter.drawText(geometry.word, Qt.AlignmentFlag.AlignCenter, scene.word)
        if not scene.outcome:
            return
        text = getattr(self._texts, scene.outcome)
        width = QFontMetricsF(self._word_font).horizontalAdvance(text)
        side = 0.9 * self._word_font.pixelSize()
        gap = 0.5 * side
        left = geometry.word.center().x() - (side + gap + width) / 2
        room = QRectF(left, geometry.word.top(), side, geometry.word.height())
        Shapes(geometry, self.theme, self._directions).sign(painter, scene.outcome, room)
        painter.setPen(QColor(self.theme.text))
        room = QRectF(room.right() + gap, room.top(), width + 1, room.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def _outer(place: QRectF) -> QRect:
    """Return the whole pixels around `place`."""
    return place.toAlignedRect()
