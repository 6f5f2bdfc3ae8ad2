"""AUC against the number of sensors: measured along the path of λ, and drawn."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bci_online.config import Config
from calibration.folds import units
from calibration.p300.epochs import EpochSet
from calibration.p300.estimators import ESTIMATORS
from calibration.p300.sensor_prices import sensor_prices
from calibration.p300.training_epochs import clean, purge_seconds, training_folds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from calibration.sparse.sensor_path import SensorPath

__all__ = ["PATH_METHODS", "Point", "draw_paths", "measured_paths", "paint_paths"]

PATH_METHODS = ("gsvm-2", "gsvm-a")

Point = tuple[str, float, float, tuple[float, float]]
"""A decoder to show among the curves: label, number of sensors, AUC, its 95 % interval."""


def measured_paths(
    epochs: EpochSet, config: Config, preferred: tuple[str, ...] = ()
) -> "dict[str, SensorPath]":
    """Measure the path of each of `PATH_METHODS` on letters held out within these epochs.

    Parameters
    ----------
    epochs : EpochSet
        Of all sensors.
    config : Config
        Artefact limit.
    preferred : tuple of str
        Places of the 10-10 system near which a sensor costs less.

    Returns
    -------
    paths : dict of str to SensorPath
        One for each method.

    Raises
    ------
    RecordingError
        If the epochs do not hold both classes in every part that must have them.

    See Also
    --------
    calibration.sparse.sensor_path.sensor_path : Measures one.
    draw_paths : Draws them.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config import Config, Preprocessing
    >>> from calibration.p300.epochs import EpochSet
    >>> rng, y = np.random.default_rng(0), np.tile([True, False], 30)
    >>> X = rng.normal(size=(60, 2, 3)) + 2.0 * y[:, None, None] * np.array([0, 1])[:, None]
    >>> epochs = EpochSet(
    ...     X=X, y=y, letter=np.repeat(np.arange(6), 10), run=np.zeros(60, dtype=int),
    ...     code=np.ones(60, dtype=int), time=np.arange(60.0), peak_to_peak=np.ones((60, 2)),
    ...     rejected={}, letters=(),
    ...     preprocessing=Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0),
    ... )
    >>> paths = measured_paths(epochs, Config())
    >>> [path.smallest_within_one_error() for path in paths.values()]
    [1, 1]
    """
    purge = purge_seconds(epochs.preprocessing)
    epochs, _ = clean(epochs, config.artefacts.k)
    folds = training_folds(epochs, purge)
    names = epochs.preprocessing.ch_names
    prices = sensor_prices(names, preferred) if preferred else None
    paths = {}
    for method in PATH_METHODS:
        model = ESTIMATORS[method].ranking_model(epochs.X, epochs.y, folds, prices)
        from calibration.sparse.sensor_path import sensor_path

        paths[method] = sensor_path(model, epochs.X, epochs.y, folds, units(epochs))
    return paths


def draw_paths(
    paths: "Mapping[str, SensorPath]", points: list[Point], path: Path, rings: bool = True
) -> None:
    """Draw curves with their interval bands, and decoders as points with error bars, into a file.

    A ring marks where ``--sensors auto`` would stop. There are no rings if the held-out data are
    another session: nothing may be chosen on it.

    Parameters
    ----------
    paths : mapping of str to SensorPath
        AUC against the number of sensors, by method.
    points : list of Point
        Decoders: label, number of sensors, AUC and its interval.
    path : Path
        PNG or SVG file to write; its suffix chooses.
    rings : bool
        Mark the number of sensors that ``--sensors auto`` takes.

    See Also
    --------
    measured_paths : Measures the paths.
    paint_paths : The same on a figure.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.5), layout="constrained")
    paint_paths(figure, paths, points, rings)
    svg = path.suffix.lower() == ".svg"
    # The same picture is the same file.
    with rc_context({"svg.hashsalt": "sensors"}):
        figure.savefig(path, dpi=120, metadata={"Date": None} if svg else None)


def paint_paths(
    figure: "Figure", paths: "Mapping[str, SensorPath]", points: list[Point], rings: bool = True
) -> None:
    """Draw the same as `draw_paths` on an empty figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        It is empty.
    paths : mapping of str to SensorPath
        AUC against the number of sensors, by method.
    points : list of Point
        Decoders: label, number of sensors, AUC and its interval.
    rings : bool
        Mark the number of sensors that ``--sensors auto`` takes.

    See Also
    --------
    draw_paths : Into a file.
    """
    axis = figure.subplots()
    for colour, (method, found) in enumerate(paths.items()):
        axis.plot(
            found.sizes, found.auc, marker="o", markersize=3, color=f"C{colour}", label=method
        )
        axis.fill_between(found.sizes, found.low, found.high, color=f"C{colour}", alpha=0.15)
        if not rings:
            continue
        size = found.smallest_within_one_error()
        height = found.auc[found.sizes == size]
        ring = axis.scatter([size], height, s=110, edgecolor=f"C{colour}", facecolor="none")
        ring.set_label(f"{method}: {size} within one standard error")
    for colour, (label, at, area, (low, high)) in enumerate(points, start=len(paths)):
        errors = [[max(area - low, 0.0)], [max(high - area, 0.0)]]
        axis.errorbar([at], [area], errors, fmt="D", color=f"C{colour}", capsize=3, label=label)
    ticks = sorted({1, 2, 4, 8, 16, 32, 64, 128} & set(range(1, _most(paths) + 1)) | {_most(paths)})
    axis.set_xscale("log", base=2)
    axis.set_xticks(ticks, [str(tick) for tick in ticks], minor=False)
    axis.set(xlabel="sensors", ylabel="held-out flash AUC, 95 % interval")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="lower right")


def _most(paths: "Mapping[str, SensorPath]") -> int:
    return max(int(found.sizes[-1]) for found in paths.values())
