"""AUC against the share of sensors used, learning curves, and accuracy subject by subject."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from calibration.experiments.accuracy_rows import AccuracyRow
from calibration.experiments.auc_rows import Row

__all__ = ["draw_accuracies", "draw_curves", "draw_table", "plain", "save"]

MARKERS = "osD^vP*Xh"
APART = 1.5
SAME_EVERY_TIME: Any = {"svg.hashsalt": "bci-online", "svg.fonttype": "none"}


def draw_table(path: Path, rows: Sequence[Row], title: str) -> None:
    """Draw AUC with its interval against the selection rate, one panel per part.

    Parameters
    ----------
    path : Path
        SVG file to write.
    rows : sequence of Row
        All lines of the table.
    title : str
        Above the figure.

    See Also
    --------
    calibration.experiments.auc_rows.summarise : Makes the rows.
    """
    parts = list(dict.fromkeys(row.part for row in rows))
    figure = Figure(figsize=(1.4 + 4.2 * len(parts), 4), layout="constrained")
    panels = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    names = list(dict.fromkeys(row.method for row in rows))
    for panel, part in zip(panels, parts, strict=True):
        taken: list[float] = []
        for row in (row for row in rows if row.part == part):
            at = 100 * row.selection_rate
            while any(abs(at - other) < APART for other in taken):
                # Side by side: several methods keep all sensors, and one would hide the other.
                at += APART
            taken.append(at)
            _point(panel, row, at, names.index(row.method))
        panel.set_xlim(0, max(105.0, *taken) + APART)
        panel.set_xticks(range(0, 101, 20))
        panel.set_xlabel("sensors used (%)")
        plain(panel)
        panel.set_title(part, loc="left", fontsize=10)
    panels[0].set_ylabel("AUC, mean and 95 % interval")
    panels[-1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.suptitle(title, fontsize=11)
    save(figure, path)


def draw_curves(path: Path, rows: Sequence[Row], title: str) -> None:
    """Draw AUC with its interval against the number of training flashes, one line per method.

    Parameters
    ----------
    path : Path
        SVG file to write.
    rows : sequence of Row
        Their parts are numbers of training flashes.
    title : str
        Above the figure.

    See Also
    --------
    calibration.experiments.auc_rows.summarise : Makes the rows.
    """
    figure = Figure(figsize=(7.5, 4), layout="constrained")
    panel = figure.subplots()
    for number, method in enumerate(dict.fromkeys(row.method for row in rows)):
        own = [row for row in rows if row.method == method]
        # A little apart, so that no interval hides another.
        flashes = [float(row.part) * 1.02 ** (number - 2) for row in own]
        panel.plot(flashes, [row.auc for row in own], color=f"C{number}", linewidth=1)
        for at, row in zip(flashes, own, strict=True):
            _point(panel, row, at, number, labelled=row is own[0])
    ticks = sorted({int(row.part) for row in rows})
    panel.set_xscale("log")
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.minorticks_off()
    panel.set_xlabel("training flashes of each subject")
    plain(panel)
    panel.set_ylabel("AUC, mean and 95 % interval")
    panel.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.suptitle(title, fontsize=11)
    save(figure, path)


def draw_accuracies(path: Path, rows: Sequence[AccuracyRow], title: str) -> None:
    """Draw every subject's accuracy, its mean and interval, one line per weighting.

    Parameters
    ----------
    path : Path
        SVG file to write.
    rows : sequence of AccuracyRow
        All lines of the table.
    title : str
        Above the figure.

    See Also
    --------
    calibration.experiments.accuracy_rows.summarise_accuracies : Makes the rows.
    """
    parts = list(dict.fromkeys(row.part for row in rows))
    names = list(dict.fromkeys(row.method for row in rows))
    size = (1.6 + 3.6 * len(parts), 1.5 + 0.45 * len(names))
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(parts), sharex=True, sharey=True, squeeze=False)[0]
    for panel, part in zip(panels, parts, strict=True):
        own = [row for row in rows if row.part == part]
        for row in own:
            at = names.index(row.method)
            reach = [[row.accuracy - row.low], [row.high - row.accuracy]]
            panel.plot(row.of_subjects, [at] * row.n, "|", color="0.6", markersize=9)
            panel.errorbar(row.accuracy, at, xerr=reach, fmt="o", color=f"C{at}", elinewidth=1.5)
        panel.axvline(own[0].commonest, color="0.4", linestyle=":", linewidth=1)
        panel.set_xlabel("accuracy: subjects, mean, 95 % interval")
        plain(panel, "x")
        panel.set_title(f"{part}, n = {max(row.n for row in own)}", loc="left", fontsize=10)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    figure.suptitle(f"{title}; dotted: the commonest class", fontsize=11)
    save(figure, path)


def _point(panel: Any, row: Row, at: float, number: int, labelled: bool = True) -> None:
    reach = None
    if row.auc_low is not None and row.auc_high is not None:
        reach = [[row.auc - row.auc_low], [row.auc_high - row.auc]]
    panel.errorbar(
        at,
        row.auc,
        yerr=reach,
        fmt=MARKERS[number % len(MARKERS)],
        color=f"C{number}",
        markersize=6,
        elinewidth=1,
        label=row.method if labelled else None,
    )


def plain(panel: Any, axis: str = "y") -> None:
    """Remove the frame of a panel, and add a light grid along one axis.

    Parameters
    ----------
    panel : matplotlib.axes.Axes
        To be changed.
    axis : str
        ``x`` or ``y``.

    See Also
    --------
    save : Writes the figure.

    Examples
    --------
    >>> panel = Figure().subplots()
    >>> plain(panel)
    >>> panel.spines["top"].get_visible()
    False
    """
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis=axis, color="0.92")
    panel.set_axisbelow(True)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG, the same bytes each time.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Complete.
    path : Path
        File to write.

    See Also
    --------
    plain : How its panels look.
    """
    with mpl.rc_context(SAME_EVERY_TIME):
        figure.savefig(path, metadata={"Date": None})
