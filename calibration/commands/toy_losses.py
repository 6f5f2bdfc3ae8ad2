"""`bci-calibrate toy-losses`: how weightings of two losses descend over a plane."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bci_online.console import plain

__all__ = ["toy_losses"]


def toy_losses(
    output: Annotated[Path, typer.Option("--output", "-o", help="the PNG or SVG file to draw")],
) -> None:
    """Draw how weightings of two losses descend over a plane, from three starts."""
    # Only now: these import matplotlib and PyTorch, which take seconds, and may be missing.
    from calibration.installed import check_installed
    from calibration.picture_files import check_picture

    check_picture(output)
    check_installed("torch", "networks", "toy-losses")
    from calibration.networks.toy_losses import descents
    from calibration.networks.trajectories import draw_toy

    runs = descents()
    draw_toy(runs, output)
    for strategy in dict.fromkeys(run.strategy for run in runs):
        own = [run for run in runs if run.strategy == strategy]
        n_arrived = sum(run.arrives for run in own)
        sys.stdout.write(f"{strategy}: the global minimum from {n_arrived} of {len(own)} starts\n")
    sys.stdout.write(f"{plain(str(output))}\n")
