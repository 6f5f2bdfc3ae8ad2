"""Charts as inline SVG, without a library: lines over seconds, and spans on one axis."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from bci_online.page.blocks import Picture

__all__ = ["Curve", "line_chart", "span_chart"]

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720, 64, 12, 24, 36
ROW = 26
# So many values of a step are one power of ten.
STEPS = (1.0, 2.0, 5.0, 10.0)
MOST_TICKS = 8


class Curve(NamedTuple):
    """A line of a chart, with a band around it.

    Parameters
    ----------
    label : str
        Plain text.
    colour : str
        A colour of the page, such as ``c0``.
    values, halves : sequence of float
        One for each place on the axis, and half of the band's width there.

    See Also
    --------
    line_chart : Draws it.
    """

    label: str
    colour: str
    values: Sequence[float]
    halves: Sequence[float]


class _Scale(NamedTuple):
    """From values to places on the page."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.stop - self.start)


def line_chart(
    places: Sequence[float], curves: Sequence[Curve], axes: tuple[str, str], caption: str
) -> Picture:
    """Return curves over one axis.

    Parameters
    ----------
    places : sequence of float
        Values of the horizontal axis, rising.
    curves : sequence of Curve
        As long as `places`.
    axes : tuple of (str, str)
        What is on the horizontal and on the vertical axis.
    caption : str
        What it shows; also for those who cannot see it.

    Returns
    -------
    picture : Picture
        For `bci_online.page.blocks.figure`.

    See Also
    --------
    span_chart : Spans on one axis.

    Examples
    --------
    >>> curve = Curve("target", "c1", [0.0, 2.0, 1.0], [0.5, 0.5, 0.5])
    >>> line_chart([0.0, 0.1, 0.2], [curve], ("s", "µV"), "A response.").svg.count("<polyline")
    1
    """
    height = 260
    lows = [v - h for one in curves for v, h in zip(one.values, one.halves, strict=True)]
    highs = [v + h for one in curves for v, h in zip(one.values, one.halves, strict=True)]
    x = _Scale(places[0], places[-1], LEFT, WIDTH - RIGHT)
    y = _Scale(min(*lows, 0.0), max(*highs, 0.0), height - BOTTOM, TOP)
    parts = [_x_axis(x, height, axes[0]), _y_axis(y, axes[1])]
    for number, curve in enumerate(curves):
        points = [(x(place), y(v)) for place, v in zip(places, curve.values, strict=True)]
        sides = [
            [
                (x(place), y(v + sign * half))
                for place, v, half in zip(places, curve.values, curve.halves, strict=True)
            ]
            for sign in (1, -1)
        ]
        fill = f'fill="var(--{curve.colour})"'
        parts.append(
            f'<polygon {fill} fill-opacity="0.2" points="{_points([*sides[0], *sides[1][::-1]])}"/>'
            f'<polyline fill="none" stroke="var(--{curve.colour})" stroke-width="1.8" '
            f'points="{_points(points)}"/>'
        )
        at = WIDTH - RIGHT - 190 * (len(curves) - 1 - number)
        parts.append(_text(at, 14, curve.label, f"var(--{curve.colour})", "end"))
    return _picture(parts, height, caption)


def span_chart(rows: Sequence[tuple[str, str, float, float]], axis: str, caption: str) -> Picture:
    """Return spans on one axis, one below the other.

    Parameters
    ----------
    rows : sequence of (str, str, float, float)
        Label, colour of the page such as ``c0``, first and last value.
    axis : str
        What is on the axis.
    caption : str
        What it shows; also for those who cannot see it.

    Returns
    -------
    picture : Picture
        For `bci_online.page.blocks.figure`.

    See Also
    --------
    line_chart : Curves over one axis.

    Examples
    --------
    >>> span_chart([("amp", "c0", 0.0, 112.2)], "s", "One stream.").svg.count("<rect")
    1
    """
    height = TOP + ROW * len(rows) + BOTTOM
    low, high = min(row[2] for row in rows), max(row[3] for row in rows)
    x = _Scale(low, high, LEFT, WIDTH - RIGHT)
    parts = [_x_axis(x, height, axis)]
    for number, (label, colour, first, last) in enumerate(rows):
        y = TOP + ROW * number
        # A single sample is to be seen, too.
        width = max(2.0, x(last) - x(first))
        parts.append(
            f'<rect x="{min(x(first), WIDTH - RIGHT - width):.1f}" y="{y + 12}" '
            f'width="{width:.1f}" height="7" fill="var(--{colour})"/>'
        )
        parts.append(_text(LEFT, y + 8, label))
    return _picture(parts, height, caption)


def _picture(parts: Sequence[str], height: float, caption: str) -> Picture:
    svg = (
        f'<svg role="img" aria-label="{escape(caption)}" viewBox="0 0 {WIDTH} {height}">'
        f"{''.join(parts)}</svg>"
    )
    return Picture(svg, caption, caption)


def _x_axis(x: _Scale, height: float, label: str) -> str:
    base = height - BOTTOM
    parts = [
        f'<line x1="{x(at):.1f}" y1="{TOP}" x2="{x(at):.1f}" y2="{base}" stroke="var(--line)"/>'
        + _text(x(at), base + 15, f"{at:g}", "var(--muted)", "middle")
        for at in _ticks(x.low, x.high)
    ]
    return "".join(parts) + _text(WIDTH - RIGHT, base + 31, label, "var(--muted)", "end")


def _y_axis(y: _Scale, label: str) -> str:
    parts = [
        f'<line x1="{LEFT}" y1="{y(at):.1f}" x2="{WIDTH - RIGHT}" y2="{y(at):.1f}" '
        f'stroke="var(--line)"/>' + _text(LEFT - 8, y(at) + 4, f"{at:g}", "var(--muted)", "end")
        for at in _ticks(y.low, y.high)
    ]
    return "".join(parts) + _text(LEFT - 8, 14, label, "var(--muted)", "end")


def _ticks(low: float, high: float) -> list[float]:
    """Return round values between two others."""
    span = high - low
    if not 0 < span < math.inf:
        return [low]
    power = 10.0 ** math.floor(math.log10(span / MOST_TICKS))
    step = next(power * each for each in STEPS if span / (power * each) <= MOST_TICKS)
    first = math.ceil(low / step)
    return [round(number * step, 12) for number in range(first, math.floor(high / step) + 1)]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(x: float, y: float, text: str, fill: str = "var(--ink)", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="12" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )
