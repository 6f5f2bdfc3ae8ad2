"""Sensors on a head, if their names have a place in the 10-10 system."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from bci_online.page.blocks import Picture
from calibration.head_pictures import draw_discs, outline, placed
from calibration.report.drawing import INK, MUTED, TARGET, drawn

__all__ = ["draw_heads", "draw_map"]

Floats = NDArray[np.float64]

FEWEST = 8
"""With fewer sensors a map between them would be invented."""


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
    calibration.head_pictures.placed : Which sensors have a place.
    """
    rows, places, _ = placed(names)
    named, captions = [names[row] for row in rows], []
    heads: list[Callable[[Figure, Axes], None]] = []
    if weights[rows].any():
        heads.append(partial(_draw_weights, named, weights[rows], places))
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
        On a flat head, as `calibration.head_pictures.placed` returns them.
    unit : str
        Of the colour bar; none is drawn if it is empty.

    See Also
    --------
    calibration.head_pictures.placed : Where the sensors are.
    """
    most = float(np.abs(values).max()) or 1.0
    if _spread_out(places):
        image = _interpolated(axis, values, places, vlim=(-most, most), cmap="RdBu_r", contours=4)
    else:
        outline(axis, MUTED)
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


def _draw_weights(
    names: Sequence[str], weights: Floats, places: Floats, figure: Figure, axis: Axes
) -> None:
    draw_discs(axis, names, weights, places, (MUTED, TARGET, INK))
    axis.set_title("weights of the sensors")


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
