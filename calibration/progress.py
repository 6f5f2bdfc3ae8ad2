"""The progress bar of a training: recordings opened, then folds done, and what a network says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bci_online.console import plain
from bci_online.progress import progress_bar

__all__ = ["Told", "training_bar"]


class Told(NamedTuple):
    """What a training tells.

    Each recording's name; how many folds are done of how many; a network's latest pass.
    """

    opened: Callable[[str], None]
    folded: Callable[[int, int], None]
    noted: Callable[[str], None]


@contextmanager
def training_bar(n_recordings: int, disabled: bool) -> Iterator[Told]:
    """Show a bar on standard error while a training runs."""
    with progress_bar(counted=True, hidden=disabled) as bar:
        task = bar.add_task("recordings", total=n_recordings)

        stage = "training the decoder"

        def opened(name: str) -> None:
            bar.update(task, description=plain(name), advance=1)

        def folded(done: int, of: int) -> None:
            nonlocal stage
            last = done == of
            stage = "training the decoder" if last else "held-out folds"
            bar.update(task, description=stage, completed=done, total=None if last else of)

        def noted(text: str) -> None:
            bar.update(task, description=f"{stage}: {text}")

        yield Told(opened, folded, noted)
