"""Sensors on a head, if their names have a place in the 10-10 system."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from bci_online.acquisition.montage import sensor_positions
from bci_online.page.blocks import Picture
from calibration.report.drawing import INK, MUTED, TARGET, drawn

__all__ = ["draw_heads", "draw_map", "placed"]

Floats = NDArray[np.float64]

MOST_NAMED = 24
FEWEST = 8
"""With fewer sensors a map between them would be invented."""

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


def draw_heads(
    names: Sequence[str], weights: Floats, responses: Sequence[tuple[float, Floats]], unit: str
) -> Picture | None:
    """Draw two heads: the sensors' weights and the response to targets, or the response twice.

    Parameters
    ----------
    names : sequence of str
        Of all recorded sensors.
    weights : ndarray, shape (n_sensors,)
        0 for sensors that the decoder does not use; all 0 if there are no weights to show.
    responses : sequence of (float, ndarray of shape (n_sensors,))
        Latencies in seconds with targets minus others, the strongest first.
    unit : str
        Of the response.

    Returns
    -------
    picture : Picture or None
        None if nothing can be drawn: no sensor has a known place.

    See Also
    --------
    draw_map : One head.
    placed : Which sensors have a place.
    """
    rows, places, _ = placed(names)
    named, captions = [names[row] for row in rows], []
    heads: list[Callable[[Figure, Axes], None]] = []
    if weights[rows].any():
        heads.append(lambda figure, axis: _draw_weights(axis, named, weights[rows], places))
        unused = ", dots are sensors that it does not use" if (weights[rows] == 0).any() else ""
        captions.append(
            f"Discs: the decoder's sensors, as large as the norm of their scaled weights{unused}."
        )
    if responses and rows:
        again = "" if heads else ", and at its next maximum, at least a tenth of a second away"
        captions.append(f"Colours: the response when it is strongest over all sensors{again}.")
        captions += ["Weights also cancel noise: they need not lie where the response is."] * len(
            heads
        )
        for latency, values in responses[: 2 - len(heads)]:
            heads.append(partial(_draw_response, latency, values[rows], places, unit))
    if not heads:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, 2)
        for axis, head in zip(axes, heads, strict=False):
            head(figure, axis)
        for axis in axes[len(heads) :]:
            axis.set_axis_off()

    return drawn(
        draw, 3.5, "Heads with the decoder's sensors and the response.", " ".join(captions)
    )


def _draw_response(
    latency: float, values: Floats, places: Floats, unit: str, figure: Figure, axis: Axes
) -> None:
    draw_map(axis, figure, values, places, unit)
    axis.set_title(f"response: target minus others, {1000 * latency:.0f} ms")


def draw_map(axis: Axes, figure: Figure, values: Floats, places: Floats, unit: str = "") -> None:
    """Draw signed values (n_sensors,) over a head, with a colour bar if they have a unit.

    Few sensors, and sensors on one line or circle, are drawn as discs: nothing is interpolated.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        It is empty.
    figure : matplotlib.figure.Figure
        The axes' figure, for the colour bar.
    values : ndarray, shape (n_sensors,)
        White is zero.
    places : ndarray, shape (n_sensors, 2)
        On a flat head, as `placed` returns them.
    unit : str
        Of the colour bar; none is drawn if it is empty.

    See Also
    --------
    placed : Where the sensors are.
    """
    most = float(np.abs(values).max()) or 1.0
    if _spread_out(places):
        image = _interpolated(axis, values, places, vlim=(-most, most), cmap="RdBu_r", contours=4)
    else:
        _outline(axis)
        image = axis.scatter(
            places[:, 0], places[:, 1], c=values, s=150, cmap="RdBu_r", vmin=-most, vmax=most,
            edgecolor=MUTED, linewidth=0.7,
        )  # fmt: skip
    if unit:
        _colour_bar(figure, axis, image, unit)


def _spread_out(places: Floats) -> bool:
    if len(places) < FEWEST:
        return False
    try:
        # The same call as in mne, which refuses points that are all on one circle.
        Delaunay(places, incremental=True)
    except QhullError:
        return False
    return True


def _draw_weights(axis: Axes, names: Sequence[str], weights: Floats, places: Floats) -> None:
    """Draw a disc for each sensor of the decoder, as large as its weight, among the other sensors.

    ``weights`` (n_sensors,) are 0 for the others. Only the heaviest sensors are named.
    """
    chosen = np.flatnonzero(weights > 0)
    _outline(axis)
    axis.set_title("weights of the sensors")
    x, y = places.T
    unused = weights <= 0
    axis.scatter(x[unused], y[unused], s=6, color=MUTED, alpha=0.6, linewidth=0)
    share = weights[chosen] / weights.max()
    axis.scatter(x[chosen], y[chosen], s=12 + 190 * share, color=TARGET, alpha=0.85, linewidth=0)
    for sensor in chosen[np.argsort(-weights[chosen])][:MOST_NAMED]:
        size = 12 + 190 * weights[sensor] / weights.max()
        axis.annotate(
            names[sensor], places[sensor], xytext=(0, 1 + np.sqrt(size) / 2),
            textcoords="offset points", ha="center", va="bottom", fontsize=6.5, color=INK,
        )  # fmt: skip


def _outline(axis: Axes) -> None:
    """Draw head, nose and ears around the origin, of radius 1."""
    angle = np.linspace(0, 2 * np.pi, 200)
    style: dict[str, Any] = {"color": MUTED, "linewidth": 1.0}
    axis.plot(np.cos(angle), np.sin(angle), **style)
    axis.plot([-0.16, 0.0, 0.16], [0.987, 1.14, 0.987], **style)
    ear = np.linspace(-0.9, 0.9, 40)
    for side in (-1, 1):
        axis.plot(side * (0.94 + 0.13 * np.cos(ear * 1.3)), 0.22 * np.sin(ear * 1.6), **style)
    axis.set(aspect="equal", xlim=(-1.32, 1.32), ylim=(-1.32, 1.24), xticks=[], yticks=[])
    for spine in axis.spines.values():
        spine.set_visible(False)


def _interpolated(axis: Axes, values: Floats, places: Floats, **options: Any) -> Any:
    from mne.viz import plot_topomap

    image, contours = plot_topomap(
        values, places, axes=axis, show=False, sphere=(0.0, 0.0, 0.0, 1.0), sensors=False,
        extrapolate="local", res=128, **options,
    )  # fmt: skip
    axis.scatter(places[:, 0], places[:, 1], s=4, color="black", alpha=0.55, linewidth=0, zorder=3)
    if contours is not None:
        contours.set(linewidth=0.4, alpha=0.5)
    for line in axis.lines:
        line.set(color=MUTED, linewidth=1.0)
    return image


def _colour_bar(figure: Figure, axis: Axes, image: Any, unit: str) -> None:
    bar = figure.colorbar(image, ax=axis, orientation="horizontal", shrink=0.6, pad=0.02, aspect=24)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=7)
    bar.ax.locator_params(nbins=4)
    bar.set_label(unit, color=MUTED, fontsize=8)
