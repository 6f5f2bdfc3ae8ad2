"""Figures of networks that commands draw: a training, and the toy losses."""

import sys
from pathlib import Path

from bci_online.console import output_file, plain
from bci_online.errors import BciError
from calibration.network_methods import check_installed
from calibration.networks.history import History

__all__ = ["check_picture", "draw_history", "draw_toy_losses"]

KINDS = {".png": b"\x89PNG", ".svg": b"<?xml"}


def check_picture(path: Path, option: str = "--output") -> Path:
    """Return `path` if a picture can be written there.

    Raises
    ------
    BciError
        If it is no PNG or SVG file, or cannot be written.
    """
    if path.suffix.lower() not in KINDS:
        raise BciError(f"{option} {path}: must end in {' or '.join(KINDS)}")
    begins = KINDS[path.suffix.lower()]

    def is_picture(old: Path) -> bool:
        with old.open("rb") as file:
            return file.read(len(begins)) == begins

    return output_file(path, "picture", is_picture, option)


def draw_history(history: History, path: Path, title: str) -> None:
    """Draw a training into a file; see `draw_trajectories`."""
    # Imported here: matplotlib and PyTorch take seconds to load.
    from calibration.networks.trajectories import draw_trajectories

    draw_trajectories(history, path, title)


def draw_toy_losses(output: Path) -> None:
    """Descend over the toy plane and draw it.

    Raises
    ------
    BciError
        If the file cannot be written, or PyTorch is not installed.
    """
    check_picture(output)
    check_installed("torch", "networks", "toy-losses")
    from calibration.networks.toy_losses import descents
    from calibration.networks.trajectories import draw_toy

    draw_toy(descents(), output)
    sys.stdout.write(f"{plain(str(output))}\n")
