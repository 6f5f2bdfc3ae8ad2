"""Figures of trajectories: weights, gradients and losses of a training; descents over a plane."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calibration.networks.history import History
from calibration.networks.toy_losses import Descent, toy_losses
from calibration.networks.weighting_rules import Floats

__all__ = ["draw_toy", "draw_trajectories"]

COLOURS = ("#0072b2", "#d55e00", "#009e73")
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.hashsalt": "bci-online",
}


def draw_trajectories(history: History, path: Path, title: str = "") -> None:
    """Draw weights, gradient norms and losses of every step into a PNG or SVG file.

    Parameters
    ----------
    history : History
        Of a `NetworkClassifier`.
    path : Path
        Its suffix chooses the format.
    title : str
        Above the figure; none if empty.

    See Also
    --------
    draw_toy : The figure of the toy problem.
    """
    rows: list[tuple[str, Floats]] = [("weight", history.weights), ("loss", history.losses)]
    if np.isfinite(history.norms).any():
        rows.insert(1, ("gradient norm", history.norms))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7, 1.2 + 1.6 * len(rows)), layout="constrained")
        axes = np.ravel(figure.subplots(len(rows), sharex=True))
        best = history.best.number * len(history.losses) / len(history.epochs)
        for axis, (name, values) in zip(axes, rows, strict=True):
            _draw_steps(axis, name, values, history.names)
            axis.axvline(best, color="0.6", linewidth=0.8, linestyle=":")
        axes[0].set_ylim(bottom=0)
        axes[0].legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
        axes[0].annotate(
            "kept", (best, 1), xycoords=("data", "axes fraction"), color="0.4",
            xytext=(3, -9), textcoords="offset points",
        )  # fmt: skip
        axes[-1].set_xlabel("training step (mini-batch)")
        if title:
            figure.suptitle(title, x=0.01, ha="left")
        _save(figure, path)


def _draw_steps(axis: Axes, name: str, values: Floats, names: tuple[str, ...]) -> None:
    for number, loss in enumerate(names):
        colour = COLOURS[number % len(COLOURS)]
        column = values[:, number]
        if name == "weight":
            axis.plot(column, color=colour, label=loss)
            continue
        # Mini-batches scatter: the thin line has all steps, the thick one is a running median.
        shown = np.where(column > 0, column, np.nan)
        axis.plot(shown, color=colour, alpha=0.25, linewidth=0.6)
        axis.plot(_running_median(shown), color=colour)
        axis.set_yscale("log")
    axis.set_ylabel(name)


def _running_median(values: Floats) -> Floats:
    width = max(1, min(51, len(values) // 10)) | 1
    padded = np.pad(values, width // 2, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    # Where most steps have no value (no triplet is left) there is no median.
    known = np.isfinite(windows).sum(axis=1) > width // 2
    medians = np.full(len(values), np.nan)
    medians[known] = np.nanmedian(windows[known], axis=1)
    return medians


def draw_toy(runs: list[Descent], path: Path) -> None:
    """Draw where each strategy goes from each start, and what its weights do, into a file.

    Above each strategy stands how often it arrives at the global minimum.

    Parameters
    ----------
    runs : list of Descent
        All strategies from all starts.
    path : Path
        Its suffix chooses the format.

    See Also
    --------
    calibration.networks.toy_losses.descents : Makes the runs.
    """
    strategies = list(dict.fromkeys(run.strategy for run in runs))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.2 * len(strategies), 4.6), layout="constrained")
        axes = figure.subplots(
            2, len(strategies), squeeze=False, sharey="row", height_ratios=(3, 1)
        )
        u, v = np.meshgrid(np.linspace(-11, 11, 200), np.linspace(-11, 11, 200))
        first, second = toy_losses(torch.from_numpy(np.stack([u, v], axis=-1)))
        height = (first + second).numpy()
        for (above, below), strategy in zip(axes.T, strategies, strict=True):
            above.contour(u, v, height, levels=18, cmap="Greys", linewidths=0.6)
            own = [run for run in runs if run.strategy == strategy]
            for run, colour in zip(own, COLOURS, strict=False):
                above.plot(*run.places.T, color=colour)
                above.plot(*run.places[0], "o", color=colour, markersize=4)
                total = run.losses[-1].sum()
                above.plot(*run.places[-1], "*", color=colour, label=f"{total:.1f}", markersize=9)
                below.plot(run.weights[:, 0], color=colour)
            n_arrived = sum(run.arrives for run in own)
            above.set_title(f"{strategy}: {n_arrived} of {len(own)}", loc="left")
            above.set(xlim=(-11, 11), ylim=(-11, 11), aspect="equal", xlabel="$\\theta_1$")
            # Below the plane, so that no line crosses the numbers.
            above.legend(title="sum at the end", loc="upper center", bbox_to_anchor=(0.5, -0.16),
                         ncols=3, fontsize=7, title_fontsize=7, handletextpad=0.1,
                         columnspacing=0.8)  # fmt: skip
            below.set(ylim=(-0.1, 2.1), xlabel="step")
        axes[0, 0].set_ylabel("$\\theta_2$")
        axes[1, 0].set_ylabel("weight of loss 1")
        _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    # Without a date two drawings of the same numbers are the same file.
    metadata = {"Date": None} if path.suffix.lower() == ".svg" else {}
    figure.savefig(path, dpi=130, metadata=metadata)
