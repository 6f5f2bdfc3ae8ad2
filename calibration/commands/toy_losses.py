"""`bci-calibrate toy-losses`: how weightings of two losses descend over a plane."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["toy_losses"]


def toy_losses(
    output: Annotated[Path, typer.Option("--output", "-o", help="the PNG or SVG file to draw")],
) -> None:
    """Draw how weightings of two losses descend over a plane, from three starts."""
    # Only now: it imports numpy, and `--help` must not wait for it.
    from calibration.networks.showing import draw_toy_losses

    draw_toy_losses(output)
