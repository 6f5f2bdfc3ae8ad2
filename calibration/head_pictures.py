"""Sensors on a head, drawn with matplotlib, if their names have a place in the 10-10 system."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from bci_online.acquisition.montage import sensor_positions

__all__ = ["disc_area", "draw_discs", "explain_discs", "outline", "placed"]

Floats = NDArray[np.float64]

MOST_NAMED = 24
COLOURS = ("0.55", "C0", "0.15")

HEAD = np.pi / 2 * 72 / 90
"""Distance of the ring of Fpz, T7, Oz from Cz, in radians: the edge of the head as it is drawn."""


def placed(ch_names: Sequence[str]) -> tuple[list[int], Floats, list[str]]:
    """Return which channels have a place, the places on a flat head, and names that have none.

    Parameters
    ----------
    ch_names : sequence of str
        As in the recording.

    Returns
    -------
    rows : list of int
        Of `ch_names`; of two names for one place the first.
    places : ndarray, shape (n_rows, 2)
        Azimuthal and equidistant around Cz. The edge of the head is at distance 1, the nose at
        (0, 1).
    nowhere : list of str
        Names without a place.

    See Also
    --------
    bci_online.acquisition.montage.sensor_positions : The places on a sphere.

    Examples
    --------
    >>> rows, places, nowhere = placed(("Cz", "EOG", "Fz"))
    >>> rows, nowhere
    ([0, 2], ['EOG'])
    >>> bool(np.allclose(places[0], 0.0))  # Cz is in the middle
    True
    """
    known = {name.casefold(): place for name, place in sensor_positions().items()}
    rows: list[int] = []
    places: list[Floats] = []
    nowhere: list[str] = []
    for row, name in enumerate(ch_names):
        place = known.get(name.casefold())
        flat = None if place is None else _flat(place)
        if flat is None or any(np.allclose(flat, other) for other in places):
            nowhere.append(name)
        else:
            rows.append(row)
            places.append(flat)
    return rows, np.array(places).reshape(-1, 2), nowhere


def _flat(place: Floats) -> Floats:
    across = float(np.hypot(place[0], place[1]))
    angle = np.arctan2(across, place[2])
    return np.asarray(place[:2] * (angle / HEAD / across if across > 0 else 0.0))


def draw_discs(
    axis: Axes,
    names: Sequence[str],
    weights: Floats,
    places: Floats,
    colours: tuple[str, str, str] = COLOURS,
    largest: float | None = None,
) -> None:
    """Draw a disc for each sensor with a weight, as large as the weight, among the other sensors.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        It is empty.
    names : sequence of str
        Of all sensors; only the heaviest are written beside their discs.
    weights : ndarray, shape (n_sensors,)
        0 for sensors that are only a dot.
    places : ndarray, shape (n_sensors, 2)
        On a flat head, as `placed` returns them.
    colours : tuple of str
        Of the head and of sensors without a weight, of the discs, of the names.
    largest : float, optional
        The weight of the largest disc, by default the heaviest of these. Give it where several
        heads are to be compared.

    See Also
    --------
    disc_area : How large a disc is.
    calibration.report.scalp.draw_map : Signed values over a head.
    """
    muted, disc, ink = colours
    chosen = np.flatnonzero(weights > 0)
    outline(axis, muted)
    x, y = places.T
    unused = weights <= 0
    axis.scatter(x[unused], y[unused], s=6, color=muted, alpha=0.6, linewidth=0)
    areas = disc_area(weights / (largest or max(weights.max(), 1e-300)))
    axis.scatter(x[chosen], y[chosen], s=areas[chosen], color=disc, alpha=0.85, linewidth=0)
    for sensor in chosen[np.argsort(-weights[chosen])][:MOST_NAMED]:
        size = areas[sensor]
        axis.annotate(
            names[sensor], places[sensor], xytext=(0, 1 + np.sqrt(size) / 2),
            textcoords="offset points", ha="center", va="bottom", fontsize=6.5, color=ink,
        )  # fmt: skip


def disc_area(share: Floats) -> Floats:
    """Return the area of discs in square points, for shares of the largest weight.

    Parameters
    ----------
    share : ndarray
        From 0 to 1.

    Returns
    -------
    area : ndarray, shape of share
        It grows with the share, so that the eye compares areas.

    See Also
    --------
    draw_discs : Draws them.

    Examples
    --------
    >>> disc_area(np.array([0.0, 1.0])).tolist()
    [12.0, 202.0]
    """
    return 12 + 190 * share


def explain_discs(figure: Figure) -> None:
    """Write below a figure what share a disc of some sizes means.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Its heads were drawn with ``largest=1.0``.

    See Also
    --------
    draw_discs : Draws them.
    """
    style: dict[str, Any] = {"linestyle": "", "marker": "o", "color": COLOURS[1], "alpha": 0.85}
    shares = np.array([1.0, 0.5, 0.1])
    discs = [
        Line2D([], [], markersize=size, markeredgewidth=0, label=f"{100 * share:.0f} %", **style)
        for share, size in zip(shares, np.sqrt(disc_area(shares)), strict=True)
    ]
    figure.legend(handles=discs, loc="outside lower center", ncols=3, frameon=False, fontsize=8)


def outline(axis: Axes, colour: str) -> None:
    """Draw head, nose and ears around the origin, of radius 1.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Its ticks and frame are taken away.
    colour : str
        Of the lines.

    See Also
    --------
    draw_discs : Draws sensors in it.
    """
    angle = np.linspace(0, 2 * np.pi, 200)
    style: dict[str, Any] = {"color": colour, "linewidth": 1.0}
    axis.plot(np.cos(angle), np.sin(angle), **style)
    axis.plot([-0.16, 0.0, 0.16], [0.987, 1.14, 0.987], **style)
    ear = np.linspace(-0.9, 0.9, 40)
    for side in (-1, 1):
        axis.plot(side * (0.94 + 0.13 * np.cos(ear * 1.3)), 0.22 * np.sin(ear * 1.6), **style)
    axis.set(aspect="equal", xlim=(-1.32, 1.32), ylim=(-1.32, 1.24), xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(False)
