"""What the command line shows of networks: a training's progress, pictures."""

import sys
from pathlib import Path

from bci_online.console import output_file, plain
from bci_online.errors import BciError
from bci_online.progress import progress_bar
from calibration.network_methods import check_installed
from calibration.networks.history import EpochRecord, History

__all__ = ["TrainingBar", "check_picture", "draw_history", "draw_toy_losses"]

KINDS = {".png": b"\x89PNG", ".svg": b"<?xml"}


class TrainingBar:
    """A progress bar of passes with losses and weights, to be a classifier's ``progress``."""

    def __init__(self) -> None:
        self._bar = progress_bar(counted=True)
        self._task = self._bar.add_task("training", total=None)

    def __enter__(self) -> "TrainingBar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, record: EpochRecord) -> None:
        """Show one more pass."""
        self._bar.update(
            self._task, completed=record.number, total=record.of, description=str(record)
        )


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
    # Only now: whatever draws needs matplotlib, and the toy's picture PyTorch.
    from calibration.networks.pictures import draw_trajectories

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
    from calibration.networks.pictures import draw_toy
    from calibration.networks.toy import descents

    draw_toy(descents(), output)
    sys.stdout.write(f"{plain(str(output))}\n")
