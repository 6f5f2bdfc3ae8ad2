"""Figures of single subjects: which sensors were chosen, how many, and what each one gains.

They are drawn from cells, like the table. Each value is the mean over a subject's splits.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from calibration.experiments.compared_methods import BASELINE
from calibration.experiments.figures import MARKERS, plain, save
from calibration.head_pictures import draw_discs, explain_discs, placed

__all__ = [
    "SubjectMean",
    "draw_gains",
    "draw_maps",
    "draw_sensor_counts",
    "draw_subjects",
    "subject_means",
]

PANEL = 2.1
"""Width and height of a head, in inches."""


class SubjectMean(NamedTuple):
    """What one method did on one subject, as the mean over the splits.

    Parameters
    ----------
    part, method, subject : str
        Of the cells.
    auc : float
        Of the test flashes.
    n_sensors : float
        How many sensors were used.
    chosen : dict of str to float
        In what share of the splits each sensor was used.

    See Also
    --------
    subject_means : Computes them.
    """

    part: str
    method: str
    subject: str
    auc: float
    n_sensors: float
    chosen: dict[str, float]


def subject_means(
    cells: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any] | None], part: str
) -> list[SubjectMean]:
    """Return the mean of each part, method and subject, in the order of the cells.

    Parameters
    ----------
    cells, results : sequence of mapping
        As given to and returned by `run_cells`; cells without a result are left out.
    part : str
        Which parameter divides the table into parts.

    Returns
    -------
    means : list of SubjectMean
        Empty where cells know no subject.

    See Also
    --------
    calibration.experiments.auc_rows.summarise : The table's rows from the same cells.

    Examples
    --------
    >>> cells = [{"subject": "01", "method": "gsvm-2", "split": split} for split in (0, 1)]
    >>> results = [{"auc": 0.8, "sensors": ["Cz", "Pz"]}, {"auc": 0.9, "sensors": ["Cz"]}]
    >>> (mean,) = subject_means(cells, results, "protocol")
    >>> mean.n_sensors, mean.chosen
    (1.5, {'Cz': 1.0, 'Pz': 0.5})
    """
    grouped: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for cell, result in zip(cells, results, strict=True):
        if result is not None and "subject" in cell:
            key = str(cell.get(part, "")), str(cell["method"]), str(cell["subject"])
            grouped.setdefault(key, []).append(result)
    return [SubjectMean(*key, *_mean(own)) for key, own in grouped.items()]


def _mean(results: Sequence[Mapping[str, Any]]) -> tuple[float, float, dict[str, float]]:
    chosen: dict[str, float] = {}
    for result in results:
        for name in result.get("sensors", ()):
            chosen[name] = chosen.get(name, 0.0) + 1 / len(results)
    n_sensors = [len(result.get("sensors", ())) for result in results]
    return float(np.mean([result["auc"] for result in results])), float(np.mean(n_sensors)), chosen


def draw_subjects(
    folder: Path,
    name: str,
    means: Sequence[SubjectMean],
    title: str,
) -> list[Path]:
    """Draw every figure of single subjects that the cells allow.

    Parameters
    ----------
    folder : Path
        Where they are written.
    name : str
        Their names begin with it.
    means : sequence of SubjectMean
        Of all methods.
    title : str
        Above each figure.

    Returns
    -------
    paths : list of Path
        Of those that were drawn.

    See Also
    --------
    draw_maps : Which sensors were chosen.
    draw_sensor_counts : AUC against their number.
    draw_gains : What each subject gains.
    """
    ways = {"map": draw_maps, "counts": draw_sensor_counts, "gains": draw_gains}
    paths = {folder / f"{name}_{kind}.svg": draw for kind, draw in ways.items()}
    return [path for path, draw in paths.items() if draw(path, means, title)]


def draw_maps(path: Path, means: Sequence[SubjectMean], title: str) -> bool:
    """Draw how often each sensor was chosen, over subjects: a head for each method that chooses.

    Parameters
    ----------
    path : Path
        SVG file to write.
    means : sequence of SubjectMean
        Of all methods; those that use every sensor show where the others are.
    title : str
        Above the figure.

    Returns
    -------
    drawn : bool
        False if no method chooses, or no sensor has a place on the head.

    See Also
    --------
    calibration.head_pictures.placed : Which sensors have a place.
    """
    names = list(dict.fromkeys(name for mean in means for name in mean.chosen))
    rows, places, _ = placed(names)
    methods = [
        method
        for method in dict.fromkeys(mean.method for mean in means)
        if any(_leaves_out(mean, means) for mean in means if mean.method == method)
    ]
    if not rows or not methods:
        return False
    named, parts = [names[row] for row in rows], list(dict.fromkeys(mean.part for mean in means))
    size = PANEL * max(len(methods), 2), 1.0 + PANEL * len(parts)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(parts), len(methods), squeeze=False)
    for part, row in zip(parts, axes, strict=True):
        for method, axis in zip(methods, row, strict=True):
            own = [mean for mean in means if mean.part == part and mean.method == method]
            shares = np.array([[mean.chosen.get(name, 0.0) for name in named] for mean in own])
            if not shares.size:
                axis.set_axis_off()
                continue
            draw_discs(axis, named, shares.mean(axis=0), places, largest=1.0)
            axis.set_title(f"{method}, {part}" if part else method, fontsize=9)
    n = len({mean.subject for mean in means})
    people = f"{n} subject{'s' * (n > 1)}"
    explain_discs(figure)
    figure.suptitle(f"{title}\nhow often a sensor is chosen, mean over {people}", fontsize=10)
    save(figure, path)
    return True


def _leaves_out(mean: SubjectMean, means: Sequence[SubjectMean]) -> bool:
    """Return whether any method used a sensor of this subject that this one left out."""
    # Of this subject: others may have been recorded with more sensors.
    used = {name for other in means if other.subject == mean.subject for name in other.chosen}
    return 0 < mean.n_sensors < len(used)


def draw_sensor_counts(path: Path, means: Sequence[SubjectMean], title: str) -> bool:
    """Draw AUC against the number of sensors: a small mark for a subject, a large one for all.

    Parameters
    ----------
    path : Path
        SVG file to write.
    means : sequence of SubjectMean
        Of all methods.
    title : str
        Above the figure.

    Returns
    -------
    drawn : bool
        False if cells say nothing of sensors.

    See Also
    --------
    calibration.experiments.figures.draw_table : The means with their intervals.
    """
    if not any(mean.n_sensors for mean in means):
        return False
    parts = list(dict.fromkeys(mean.part for mean in means))
    methods = list(dict.fromkeys(mean.method for mean in means))
    figure = Figure(figsize=(1.4 + 4.2 * len(parts), 4), layout="constrained")
    panels = figure.subplots(1, len(parts), sharex=True, sharey=True, squeeze=False)[0]
    for panel, part in zip(panels, parts, strict=True):
        for number, method in enumerate(methods):
            own = [mean for mean in means if mean.part == part and mean.method == method]
            if not own:
                continue
            at, auc = [mean.n_sensors for mean in own], [mean.auc for mean in own]
            style = {"color": f"C{number}", "marker": MARKERS[number % len(MARKERS)]}
            panel.plot(at, auc, linestyle="", markersize=4, alpha=0.4, **style)
            panel.plot(np.mean(at), np.mean(auc), linestyle="", markersize=9, label=method, **style)
        panel.set_xlabel("sensors used")
        panel.locator_params(axis="x", integer=True)
        panel.set_title(part, loc="left", fontsize=10)
        plain(panel)
    panels[0].set_ylabel("AUC of each subject, and their mean")
    panels[-1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.suptitle(title, fontsize=11)
    save(figure, path)
    return True


def draw_gains(path: Path, means: Sequence[SubjectMean], title: str) -> bool:
    """Draw each subject's gain over the baseline, for every method, sorted by the gain.

    Parameters
    ----------
    path : Path
        SVG file to write.
    means : sequence of SubjectMean
        Of all methods and the baseline.
    title : str
        Above the figure.

    Returns
    -------
    drawn : bool
        False if there are fewer than two subjects, no baseline, or no other method.

    See Also
    --------
    calibration.experiments.auc_rows.summarise : The test of the same differences.
    """
    base = {(mean.part, mean.subject): mean.auc for mean in means if mean.method == BASELINE}
    known = list(dict.fromkeys(mean.method for mean in means))
    methods = [name for name in known if name != BASELINE]
    if len({subject for _, subject in base}) < 2 or not methods:
        return False
    parts = list(dict.fromkeys(part for part, _ in base))
    size = 1.8 + 3.2 * len(parts), 1.6 + 0.45 * len(methods)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, len(parts), sharex=True, sharey=True, squeeze=False)[0]
    for panel, part in zip(panels, parts, strict=True):
        for row, method in enumerate(methods):
            gains = np.array(
                [
                    mean.auc - base[part, mean.subject]
                    for mean in means
                    if mean.method == method and (mean.part, mean.subject) in base
                    if mean.part == part
                ]
            )
            if gains.size:
                panel.plot(np.sort(gains), np.full(gains.size, row), "|", color="0.5", markersize=9)
                panel.plot(gains.mean(), row, "o", color=f"C{known.index(method)}")
                words = f"{np.count_nonzero(gains > 0)} of {gains.size}"
                panel.annotate(
                    words, (1, row), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", va="center", fontsize=8, color="0.35",
                )  # fmt: skip
        panel.axvline(0, color="0.4", linewidth=1)
        panel.set_xlabel(f"AUC minus that of {BASELINE}")
        panel.locator_params(axis="x", nbins=5)
        panel.set_title(part, loc="left", fontsize=10)
        plain(panel, "x")
    panels[0].set_yticks(range(len(methods)), methods)
    panels[0].set_ylim(len(methods) - 0.5, -0.5)
    figure.suptitle(f"{title}\neach subject's gain (|), their mean (●), how many gain", fontsize=10)
    save(figure, path)
    return True
