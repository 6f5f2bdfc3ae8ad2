"""Paint the speller's picture: only the changes since the frame before."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap, QRegion

from bci_online.config import LayoutSpec, ScreenSpec
from bci_online.gui.fonts import is_right_to_left
from bci_online.gui.subject.notices import paint_notice
from bci_online.gui.subject.picture_painter import NOTICES, PicturePainter, beside, whole
from bci_online.gui.subject.speller_geometry import SpellerGeometry, speller_geometry
from bci_online.gui.subject.symbol_cells import ROW_LETTER, Look, SymbolCells
from bci_online.gui.subject.text_line import TextLine
from bci_online.gui.subject.texts import Texts
from bci_online.paradigms.picture import SpellerPicture

__all__ = ["SpellerPainter"]

# Height of the bar of a calibration that can end early, as a share of the foot's.
BAR = 0.06


@dataclass(frozen=True)
class _Scene:
    """Everything that is visible, so that two frames can be compared."""

    places: Mapping[str, QRectF]
    looks: Mapping[str, Look]
    head: tuple[tuple[str, ...], tuple[str, ...] | None]
    foot: tuple[str, str, bool]
    progress: float
    notice: tuple[str, str] | None
    patch: bool


class SpellerPainter(PicturePainter[SpellerPicture, SpellerGeometry]):
    """Draw each part of the screen once in each of its looks, and then only copy it.

    Parameters
    ----------
    layout : LayoutSpec
        The matrix.
    screen : ScreenSpec
        Theme, font, icons, the photodiode's corner.
    texts : Texts
        What the subject reads.

    Raises
    ------
    ConfigError
        If a font or an image is missing.

    See Also
    --------
    bci_online.gui.subject.symbol_cells.SymbolCells : The symbols.
    bci_online.gui.subject.text_line.TextLine : The text.
    """

    def __init__(self, layout: LayoutSpec, screen: ScreenSpec, texts: Texts) -> None:
        super().__init__(screen)
        symbols = [symbol for row in layout.rows for symbol in row]
        self._layout, self._texts = layout, texts
        self._line = TextLine(self.typeface, self.theme)
        self._cells = SymbolCells(screen, symbols, self.typeface, self.theme)
        self._is_mirrored = is_right_to_left(symbols)
        # Room for suggestions is made when the first ones come, and stays.
        self._with_words = False
        self._ratio = 1.0
        self._scene: _Scene | None = None
        self._row: dict[str, QRectF] = {}
        self._head = self._foot = QPixmap()

    @property
    def suggested(self) -> dict[str, QRectF]:
        """Places of the symbols beside the matrix, in the last frame."""
        return dict(self._row)

    @property
    def cells(self) -> SymbolCells:
        """The drawings of the symbols."""
        return self._cells

    def prepare(
        self, picture: SpellerPicture, size: QSize, ratio: float = 1.0, status: str = ""
    ) -> QRegion:
        """Make the frame; parts with a new look are drawn here."""
        self._divide(picture, size, ratio, status)
        before, scene = self._scene, self._scene_of(picture, status)
        self._scene = scene
        if before is None or before.places != scene.places:
            own = self.geometry.cells
            words = {word: at for word, at in scene.places.items() if word not in own}
            self._cells.place(own, words, ratio)
        if before is None or before.head != scene.head:
            self._head = self._drawn_head(scene)
        if before is None or (before.foot, before.progress) != (scene.foot, scene.progress):
            self._foot = self._drawn_foot(scene)
        return self._difference(before, scene)

    def paint(self, painter: QPainter, region: QRegion) -> None:
        """Paint `region` of the prepared frame."""
        scene, geometry = self._scene, self._geometry
        if scene is None or geometry is None:
            return
        # The region has separate parts; what lies between them must stay.
        painter.setClipRegion(region)
        painter.fillRect(region.boundingRect(), QColor(self.theme.ground))
        for place, drawn in ((geometry.head, self._head), (geometry.foot, self._foot)):
            if region.intersects(place.toRect()):
                painter.drawPixmap(place.topLeft(), drawn)
        for symbol, look in scene.looks.items():
            place = scene.places[symbol]
            if region.intersects(place.toRect()):
                drawn = self._cells.drawn(symbol, look, place.size())
                painter.drawPixmap(place.topLeft(), drawn)
        if scene.notice is not None:
            title, hint = scene.notice
            paint_notice(painter, geometry.matrix, self.typeface, self.theme, title, "", hint)
        self._paint_patch(painter, region, is_lit=scene.patch)

    def _divide(self, picture: SpellerPicture, size: QSize, ratio: float, status: str) -> None:
        """Compute all places again if the window has changed."""
        has_come = bool(picture.suggestions) and not self._with_words
        if (size, ratio) == (self._size, self._ratio) and not has_come:
            return
        self._with_words = self._with_words or has_come
        self._size, self._ratio = QSize(size), ratio
        self._scene, self._row = None, {}
        self._geometry = speller_geometry(
            size,
            self._layout,
            corner=self._corner,
            with_words=self._with_words,
            mirrored=self._is_mirrored,
        )
        # Numbers with many digits: the font must fit the longest line.
        self._fit_foot(self._texts.lines(), self._right_of(888, 888, status))

    def _right_of(self, n: int, n_total: int, status: str) -> str:
        place = self._texts.place(n, n_total) if 0 < n <= n_total else ""
        return beside(place, status)

    def _scene_of(self, picture: SpellerPicture, status: str) -> _Scene:
        if tuple(self._row) != picture.suggestions:
            self._row = self._row_of(picture.suggestions)
        places = self.geometry.cells | self._row
        looks: dict[str, Look] = {}
        if picture.state not in NOTICES:
            looks |= dict.fromkeys(places, "dim")
            looks |= dict.fromkeys((symbol for symbol in picture.lit if symbol in places), "lit")
            if picture.cue in places:
                looks[picture.cue] = "cue"
            if picture.decision in places:
                looks[picture.decision] = "decided"
        return _Scene(
            places=places,
            looks=looks,
            # Before the first letter no place waits for one.
            head=(picture.text, picture.spelled if picture.trial else None),
            foot=self._foot_of(picture, status),
            progress=picture.progress,
            notice=self._notice_of(picture),
            patch=picture.flashes % 2 == 1,
        )

    def _row_of(self, words: tuple[str, ...]) -> dict[str, QRectF]:
        """Place symbols over the columns; words that are too long for these get more room.

        The room is taken at the beginning of the row, so that the keys at its end do not move.
        """
        cells = self.geometry.suggested(len(words))
        if self._is_mirrored:
            cells.reverse()
        long = [word for word in words if len(word) > 1]
        if long and words[: len(long)] == tuple(long):
            cells[: len(long)] = self._widened(long, cells[: len(long)])
        return dict(zip(words, cells, strict=True))

    def _widened(self, words: list[str], cells: list[QRectF]) -> list[QRectF]:
        top, height = cells[0].top(), cells[0].height()
        px = ROW_LETTER * height
        metrics = QFontMetricsF(self.typeface.font(px))
        widths = [metrics.horizontalAdvance(word) for word in words]
        if max(widths) <= 0.9 * cells[0].width():
            return cells
        widths = [width + px for width in widths]
        # Outwards from the keys, or from the end of the row.
        head, is_mirrored = self.geometry.head, self._is_mirrored
        inner = cells[-1].left() if is_mirrored else cells[-1].right()
        outer = head.right() if is_mirrored else head.left()
        scale = min(1.0, abs(inner - outer) / sum(widths)) * (-1 if is_mirrored else 1)
        edges = [inner - scale * sum(widths[n:]) for n in range(len(words) + 1)]
        return [
            QRectF(int(min(a, b)), top, int(max(a, b)) - int(min(a, b)), height)
            for a, b in pairwise(edges)
        ]

    def _notice_of(self, picture: SpellerPicture) -> tuple[str, str] | None:
        if picture.state not in NOTICES:
            return None
        if picture.reason == "abort":
            return self._texts.aborted, ""
        name = "resting" if picture.state == "paused" and picture.resting else picture.state
        return self._texts.of(name), self._texts.of(f"{name}_hint")

    def _foot_of(self, picture: SpellerPicture, status: str) -> tuple[str, str, bool]:
        """Return the state in words, place and status, and whether the first should be noticed."""
        texts = self._texts
        line = "" if picture.state in NOTICES else texts.of(picture.state)
        if picture.state == "cue" and not picture.cue:
            line = texts.choose
        if picture.pausing:
            line = texts.pausing
        right = self._right_of(picture.n if picture.trial else 0, picture.n_total, status)
        return line, right, picture.pausing or picture.state in {"cue", "undecided", "waiting"}

    def _difference(self, before: _Scene | None, scene: _Scene) -> QRegion:
        if before is None or before.notice != scene.notice or before.places != scene.places:
            return whole(self._size)
        geometry = self.geometry
        changed = QRegion()
        if before.head != scene.head:
            changed += geometry.head.toRect()
        if (before.foot, before.progress) != (scene.foot, scene.progress):
            changed += geometry.foot.toRect()
        if before.patch != scene.patch and geometry.patch.isValid():
            changed += geometry.patch.toRect()
        for symbol, look in scene.looks.items():
            if before.looks.get(symbol) != look:
                changed += scene.places[symbol].toRect()
        return changed

    def _drawn_head(self, scene: _Scene) -> QPixmap:
        head = self.geometry.head
        pixmap = self._blank(head)
        painter = QPainter(pixmap)
        start = max(0.0, self.geometry.matrix.left() - head.left())
        text, spelled = scene.head
        room = QRectF(QPointF(0, 0), head.size())
        if text or spelled is not None:
            self._line.paint(painter, room, text, spelled or (), start)
        painter.end()
        return pixmap

    def _drawn_foot(self, scene: _Scene) -> QPixmap:
        left, right, is_loud = scene.foot
        room = QRectF(QPointF(0, 0), self.geometry.foot.size())
        pixmap = self._blank(room)
        painter = QPainter(pixmap)
        self._paint_foot(painter, room, left, right, is_loud=is_loud)
        # Along the upper edge, where it moves no text.
        bar = QRectF(0, 0, scene.progress * room.width(), BAR * room.height())
        painter.fillRect(bar, QColor(self.theme.quiet))
        painter.end()
        return pixmap

    def _blank(self, room: QRectF) -> QPixmap:
        pixmap = QPixmap((room.size() * self._ratio).toSize())
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(QColor(self.theme.ground))
        return pixmap
