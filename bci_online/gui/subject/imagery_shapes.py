"""The shapes of motor imagery: cross, arrow, bar, ball, cursor, and the sign of an outcome.

Form and place tell them apart; colour adds nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from bci_online.config import Direction
from bci_online.gui.subject.imagery_geometry import ARM, TOWARDS, ImageryGeometry
from bci_online.gui.themes import Theme

__all__ = ["Shapes"]

# Shares of the distance from the cross to where a class is decided.
LINE, HEAVY = 0.008, 0.032
CROSS = 0.022
SHAFT_FROM, SHAFT_TO, SHAFT, TIP, BARB = 0.18, 0.62, 0.075, 0.86, 0.17
TRACK, GOAL = 0.085, 0.13
BALL, RING = 0.085, 0.125
CURSOR, BOX = 0.07, 0.145


@dataclass(frozen=True)
class Shapes:
    """Draw the shapes at their places.

    Parameters
    ----------
    geometry : ImageryGeometry
        Places.
    theme : Theme
        Colours.
    directions : mapping of str to str
        Where each class points.

    See Also
    --------
    bci_online.gui.subject.imagery_geometry.imagery_geometry : Their places.
    """

    geometry: ImageryGeometry
    theme: Theme
    directions: Mapping[str, Direction]

    def cross(self, painter: QPainter) -> None:
        """Draw the cross that the eyes rest on."""
        centre, arm = self.geometry.centre, ARM * self.geometry.reach
        painter.setPen(self._pen(self.theme.lit, CROSS))
        painter.drawLine(QLineF(centre - QPointF(arm, 0), centre + QPointF(arm, 0)))
        painter.drawLine(QLineF(centre - QPointF(0, arm), centre + QPointF(0, arm)))

    def arrow(self, painter: QPainter, label: str) -> None:
        """Draw an arrow from the cross in the direction of `label`, if it has one."""
        if label not in self.directions:
            return
        along = TOWARDS[self.directions[label]]
        across = QPointF(-along.y(), along.x())
        half = across * (SHAFT / 2)
        corners = (
            along * SHAFT_FROM + half, along * SHAFT_TO + half, along * SHAFT_TO + across * BARB,
            along * TIP,
            along * SHAFT_TO - across * BARB, along * SHAFT_TO - half, along * SHAFT_FROM - half,
        )  # fmt: skip
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.cue))
        painter.drawPolygon(QPolygonF([self._at(corner) for corner in corners]))

    def feedback(
        self, painter: QPainter, shape: str, values: Mapping[str, float], asked: str
    ) -> None:
        """Draw the progress of each class; the class that is asked for is drawn heavier."""
        draw = {"bar": self._bars, "ball": self._ball, "cursor": self._cursor}[shape]
        draw(painter, values, asked)

    def _bars(self, painter: QPainter, values: Mapping[str, float], asked: str) -> None:
        # If tracks cross, each begins outside of the others.
        crossed = len({bool(TOWARDS[at].x()) for at in self.directions.values()}) > 1
        start = TRACK if crossed else 0.0
        for label, direction in self.directions.items():
            along = TOWARDS[direction]
            across = QPointF(-along.y(), along.x())
            begin = along * start + across * TRACK
            end = along * (start + values.get(label, 0.0) * (1 - start)) - across * TRACK
            painter.fillRect(self._rect(begin, end), QColor(self.theme.decision))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._pen(self.theme.dim, LINE))
            painter.drawRect(self._rect(begin, along - across * TRACK))
        # The ends are drawn last, over bars that reach them.
        for label, direction in self.directions.items():
            along = TOWARDS[direction]
            across = QPointF(-along.y(), along.x())
            painter.setPen(self._edge(label == asked))
            painter.drawLine(
                QLineF(self._at(along + across * GOAL), self._at(along - across * GOAL))
            )

    def _ball(self, painter: QPainter, values: Mapping[str, float], asked: str) -> None:
        painter.setPen(self._pen(self.theme.dim, LINE))
        for direction in self.directions.values():
            along = TOWARDS[direction]
            painter.drawLine(QLineF(self._at(along * ARM), self._at(along * (1 - RING))))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for label, direction in self.directions.items():
            painter.setPen(self._edge(label == asked))
            painter.drawEllipse(self._square(TOWARDS[direction], RING))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.decision))
        painter.drawEllipse(self._square(self._sum(values), BALL))

    def _cursor(self, painter: QPainter, values: Mapping[str, float], asked: str) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for label, direction in self.directions.items():
            painter.setPen(self._edge(label == asked))
            painter.drawRect(self._square(TOWARDS[direction], BOX))
        painter.fillRect(self._square(self._sum(values), CURSOR), QColor(self.theme.decision))

    def sign(self, painter: QPainter, outcome: str, room: QRectF) -> None:
        """Draw a tick, a cross or a dash in the middle of `room`."""
        side = min(room.width(), room.height())
        corner = room.center() - QPointF(side / 2, side / 2)
        strokes = {
            "hit": [(0.1, 0.55, 0.4, 0.85), (0.4, 0.85, 0.9, 0.2)],
            "miss": [(0.18, 0.18, 0.82, 0.82), (0.18, 0.82, 0.82, 0.18)],
            "timeout": [(0.12, 0.5, 0.88, 0.5)],
        }[outcome]
        pen = QPen(QColor(self.theme.decision if outcome == "hit" else self.theme.text))
        pen.setWidthF(max(2.0, 0.11 * side))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for x1, y1, x2, y2 in strokes:
            painter.drawLine(
                QLineF(corner + QPointF(x1, y1) * side, corner + QPointF(x2, y2) * side)
            )

    def _sum(self, values: Mapping[str, float]) -> QPointF:
        """Return where the sum of all evidence points, in shares of the distance."""
        total = QPointF(0, 0)
        for label, direction in self.directions.items():
            total += TOWARDS[direction] * values.get(label, 0.0)
        return total

    def _at(self, share: QPointF) -> QPointF:
        return self.geometry.centre + share * self.geometry.reach

    def _rect(self, one: QPointF, other: QPointF) -> QRectF:
        """Return the rectangle between two corners."""
        return QRectF(self._at(one), self._at(other)).normalized()

    def _square(self, middle: QPointF, half: float) -> QRectF:
        side = 2 * half * self.geometry.reach
        corner = self._at(middle - QPointF(half, half))
        return QRectF(corner, QSizeF(side, side))

    def _edge(self, is_asked: bool) -> QPen:
        """Return the pen of an end: heavy if its class is asked for."""
        return self._pen(*((self.theme.cue, HEAVY) if is_asked else (self.theme.dim, LINE)))

    def _pen(self, colour: str, share: float) -> QPen:
        pen = QPen(QColor(colour), max(1.5, share * self.geometry.reach))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        return pen
