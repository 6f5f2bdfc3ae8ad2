"""What the command line shows of networks: a training's progress, pictures."""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bci_online.console import output_file, plain
from bci_online.errors import BciError
from calibration.networks.history import EpochRecord

__all__ = ["TrainingBar", "check_picture", "draw_toy_losses"]

KINDS = {".png": b"\x89PNG", ".svg": b"<?xml"}


class TrainingBar:
    """A progress bar of epochs with losses and weights, to be a classifier's ``progress``.

    Parameters
    ----------
    names : tuple of str
        The losses.
    disable : bool
        Show nothing.
    """

    def __init__(self, names: tuple[str, ...], disable: bool = False) -> None:
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        text = TextColumn("{task.description}", markup=False)
        self._names = names
        self._bar = Progress(
            text, *columns, console=Console(stderr=True), transient=True, disable=disable
        )
        self._task = self._bar.add_task("training", total=None)

    def __enter__(self) -> "TrainingBar":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, record: EpochRecord) -> None:
        """Show one more epoch."""
        self._bar.update(
            self._task, completed=record.number, total=record.of, description=self.text(record)
        )

    def text(self, record: EpochRecord) -> str:
        """Return what is said of an epoch: each loss, its weight, the validation accuracy."""
        losses = zip(self._names, record.validation, record.weights, strict=True)
        told = ", ".join(f"{name} {loss:.3g} x {weight:.3g}" for name, loss, weight in losses)
        return f"{told}; {100 * record.accuracy:.0f} % right"


def check_picture(path: Path) -> Path:
    """Return `path` if a picture can be written there.

    Raises
    ------
    BciError
        If it is no PNG or SVG file, or cannot be written.
    """
    if path.suffix.lower() not in KINDS:
        raise BciError(f"--output {path}: must end in {' or '.join(KINDS)}")
    begins = KINDS[path.suffix.lower()]

    def is_picture(old: Path) -> bool:
        with old.open("rb") as file:
            return file.read(len(begins)) == begins

    return output_file(path, "picture", is_picture)


def draw_toy_losses(output: Path) -> None:
    """Descend over the toy plane and draw it.

    Raises
    ------
    BciError
        If the file cannot be written, or PyTorch is not installed.
    """
    check_picture(output)
    try:
        from calibration.networks.pictures import draw_toy
        from calibration.networks.toy import descents
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise BciError(
            "PyTorch is not installed, which networks need: pip install 'bci-online[networks]'"
        ) from None
    draw_toy(descents(), output)
    sys.stdout.write(f"{plain(str(output))}\n")
