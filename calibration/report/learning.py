"""Pictures of a network's training: losses, their weights, gradient norms, pass by pass."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bci_online.config import LearningCurve
from bci_online.page.blocks import Picture
from calibration.report.drawing import CLASSES, MUTED, drawn, logarithmic, quiet_axes

__all__ = ["draw_learning"]


def draw_learning(curve: LearningCurve) -> Picture:
    """Draw the training of the decoder's network.

    Parameters
    ----------
    curve : LearningCurve
        From the decoder file.

    Returns
    -------
    picture : Picture
        Losses; with several losses also their weights and gradient norms.

    See Also
    --------
    calibration.networks.trajectories.draw_trajectories : Every step instead of every pass.
    """
    rows = [
        ("loss", _array(curve.training), True),
        ("weight", _array(curve.weights), False),
        ("gradient norm", _array(curve.norms), True),
    ]
    if len(curve.losses) == 1:
        # There is nothing to weigh.
        rows = rows[:1]
    rows = [row for row in rows if np.isfinite(row[1]).any()]
    passes = np.arange(1, len(curve.training) + 1)
    validation = _array(curve.validation)

    def draw(figure: Figure) -> None:
        axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
        for axis, (name, values, in_decades) in zip(axes, rows, strict=True):
            quiet_axes(axis)
            for place, loss in enumerate(curve.losses):
                colour = CLASSES[place % len(CLASSES)]
                axis.plot(passes, values[:, place], color=colour, label=loss)
                if name == "loss":
                    axis.plot(passes, validation[:, place], color=colour, linestyle=":")
            if in_decades and (values[np.isfinite(values)] > 0).all():
                logarithmic(axis)
            elif not in_decades:
                axis.set_ylim(bottom=0)
            axis.axvline(curve.kept, color=MUTED, linewidth=0.8, linestyle="--")
            axis.set_ylabel(name)
        axes[-1].set_xlabel("pass over the training data")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)

    shown = ", ".join(name for name, *_ in rows)
    return drawn(
        draw,
        0.7 + 1.5 * len(rows),
        f"Training of the network pass by pass: {shown}, for {', '.join(curve.losses)}.",
        f"{len(passes)} passes; the network of pass {curve.kept} was kept (dashed). Dotted: losses "
        "of the validation data, which are part of the training recordings: no held-out figures.",
    )


def _array(rows: tuple[tuple[float | None, ...], ...]) -> NDArray[np.float64]:
    return np.array(rows, dtype=float).reshape(len(rows), -1)
