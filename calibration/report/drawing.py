"""Matplotlib's figures as inline SVG, in the colours and fonts of the page."""

import re
import warnings
from collections.abc import Callable
from html import escape
from io import StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from bci_online.page.blocks import Picture

__all__ = [
    "CLASSES",
    "INK",
    "LINE",
    "MUTED",
    "NONTARGET",
    "TARGET",
    "drawn",
    "logarithmic",
    "quiet_axes",
]

# Placeholders: in the SVG they become variables of the page, which differ by day and by night.
INK, MUTED, LINE = "#010203", "#040506", "#070809"
TARGET, NONTARGET = "#0a0b0c", "#0d0e0f"
CLASSES = (NONTARGET, TARGET, "#101112", "#131415", "#161718")
VARIABLES = {
    INK: "ink", MUTED: "muted", LINE: "line",
    **{colour: f"c{number}" for number, colour in enumerate(CLASSES)},
}  # fmt: skip
WIDTH = 7.2
"""Inches of a figure as wide as the column."""

STYLE: dict[Any, Any] = {
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "axes.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.5,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "patch.linewidth": 0.7,
    "savefig.transparent": True,
    "axes.prop_cycle": None,
    "svg.fonttype": "none",
    # Channel names come from files: a dollar in a name must not begin a formula.
    "text.parse_math": False,
}


def drawn(draw: Callable[[Figure], None], height: float, alternative: str, caption: str) -> Picture:
    """Return a picture of what `draw` puts on a figure as wide as the column.

    Parameters
    ----------
    draw : callable
        Called with an empty figure.
    height : float
        In inches; the width is `WIDTH`.
    alternative : str
        Plain text; it is escaped.
    caption : str
        Plain text; it is escaped.

    Returns
    -------
    picture : Picture
        The same drawing gives the same text.

    See Also
    --------
    bci_online.page.blocks.figure : Put it on the page.
    """
    from cycler import cycler

    style = STYLE | {"axes.prop_cycle": cycler(color=CLASSES), "svg.hashsalt": alternative}
    # The browser has a font for every name; matplotlib only measures the text.
    with rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        text = StringIO()
        figure.savefig(text, format="svg", dpi=130, metadata={"Date": None})
    return Picture(_inline(text.getvalue(), alternative), alternative, caption)


def _inline(svg: str, alternative: str) -> str:
    """Return an SVG file as an element of a page that loads nothing."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]*)"', body)
    width, height = box[1].split()[2:] if box else ("0", "0")
    body = body[body.index(">") + 1 :].replace("xlink:href", "href")
    # All figures use the same ids; only ids that something refers to are unique (hashsalt).
    body = re.sub(r' id="([^"]*)"', lambda found: found[0] * (f"#{found[1]}" in body), body)
    for colour, name in VARIABLES.items():
        body = body.replace(colour, f"var(--{name})")
    label = escape(alternative)
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}">{body}'


def quiet_axes(axis: Axes) -> None:
    """Leave only what helps to read values: a light grid, no marks of ticks.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Changed in place.

    See Also
    --------
    logarithmic : For values over several decades.
    """
    axis.grid(axis="y")
    axis.set_axisbelow(True)
    axis.tick_params(length=0)
    axis.spines["left"].set_visible(False)


def logarithmic(axis: Axes) -> None:
    """Make the vertical axis logarithmic, with plain numbers: 10⁴ would be a formula.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Its values are positive.

    See Also
    --------
    quiet_axes : The look of all axes.
    """
    axis.set_yscale("log")
    axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_locator(NullLocator())
