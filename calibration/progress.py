"""What a training reports while it runs, and the progress bar that shows it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from bci_online.console import json_line, plain
from bci_online.interrupts import first_interrupt_noted
from bci_online.progress import progress_bar
from calibration.method_names import AUTO, NETWORKS
from calibration.networks.history import History

__all__ = [
    "NO_PROGRESS",
    "Interrupted",
    "TrainingProgress",
    "interruptible",
    "training_bar",
]

INTERRUPTED = (
    "stopped by Ctrl-C: the decoder is the best of the methods tried until then; train again for "
    "all methods and figures of held-out data"
)
"""What is said of a decoder that was taken early."""

INTERRUPTED_NETWORK = (
    "stopped by Ctrl-C: from then on no network made more passes than the one that was being "
    "trained; train again for all passes and figures of held-out data"
)
"""What is said of a network that was taken early."""


def _ignore(*_: object) -> None:
    """Report nothing."""


class Interrupted(Exception):
    """What takes long is to end, and keep what it has; raised by what was passed as progress.

    See Also
    --------
    TrainingProgress : Its calls may raise it.
    """


def _never() -> bool:
    """Report that nobody interrupts."""
    return False


def _goes_on(number: int) -> bool:
    """Let every training make all of its passes."""
    return False


def _silent() -> str:
    """Say nothing."""
    return ""


class TrainingProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What to call while a training runs; by default nothing.

    Parameters
    ----------
    opened : callable
        Called with the name of each recording before it is read.
    folded : callable
        Called with the number of outer folds that are done, and the number of all.
    passed : callable
        Called with one line about each pass of a network over the data, and each method tried.
    trained : callable
        Called with the history of each training of a network on imagery; the decoder's own is the
        last.
    interrupted : callable
        Whether what takes long is to end, and keep what it has.
    ends : callable
        Given the number of a network's pass, whether its training is to end with it.
    said : callable
        What the user is to know of an interruption; empty if there was none.

    See Also
    --------
    training_bar : Shows a bar.
    calibration.p300.training.train : Calls them.

    Examples
    --------
    >>> names = []
    >>> TrainingProgress(opened=names.append).opened("run-01.xdf")
    >>> names
    ['run-01.xdf']
    """

    opened: Callable[[str], None] = _ignore
    folded: Callable[[int, int], None] = _ignore
    passed: Callable[[str], None] = _ignore
    trained: Callable[[History], None] = _ignore
    interrupted: Callable[[], bool] = _never
    ends: Callable[[int], bool] = _goes_on
    said: Callable[[], str] = _silent


NO_PROGRESS = TrainingProgress()
"""Nothing is called."""


@contextmanager
def interruptible(method: str, progress: TrainingProgress) -> Iterator[TrainingProgress]:
    """Let a Ctrl-C end `--method auto` and networks early with the best so far, and others at once.

    A network keeps its best pass. From then on no training makes more passes than that one, so that
    the networks that calibrate it are trained like it.

    Parameters
    ----------
    method : str
        As it was asked for.
    progress : TrainingProgress
        What is called.

    Yields
    ------
    progress : TrainingProgress
        The same; it knows of the Ctrl-C.

    See Also
    --------
    bci_online.interrupts.first_interrupt_noted : Notes it.

    Examples
    --------
    >>> with interruptible("auto", NO_PROGRESS) as progress:
    ...     progress.interrupted()
    False
    """
    is_network = method in NETWORKS or ":" in method
    if method != AUTO and not is_network:
        yield progress
        return
    with first_interrupt_noted() as interrupted:
        text = INTERRUPTED_NETWORK if is_network else INTERRUPTED
        yield msgspec.structs.replace(
            progress,
            interrupted=interrupted,
            ends=_Limit(interrupted).ends if is_network else progress.ends,
            said=lambda: text if interrupted() else "",
        )


class _Limit:
    """Lets no training make more passes than the one that was interrupted."""

    def __init__(self, interrupted: Callable[[], bool]) -> None:
        self._interrupted = interrupted
        self._passes = 0
        self._has_learnt = False

    def ends(self, number: int) -> bool:
        """Return whether a training is to end with this pass."""
        if not self._interrupted():
            self._has_learnt = True
            return False
        if not self._has_learnt:
            # Before anything was learnt there is nothing to keep.
            raise KeyboardInterrupt
        self._passes = self._passes or number
        return number >= self._passes


@contextmanager
def training_bar(
    n_recordings: int, as_json: bool, trained: Callable[[History], None] = _ignore
) -> Iterator[TrainingProgress]:
    """Show a bar on standard error while a training runs, or write lines for a program.

    Parameters
    ----------
    n_recordings : int
        How many recordings the bar waits for.
    as_json : bool
        Lines of JSON on standard output instead, of type ``progress``.
    trained : callable
        As for `TrainingProgress`.

    Yields
    ------
    progress : TrainingProgress
        What a training calls; each call moves the bar.

    See Also
    --------
    TrainingProgress : Its calls.

    Examples
    --------
    >>> with training_bar(1, as_json=True) as progress:
    ...     progress.opened("run-1.xdf")
    {"type":"progress","stage":"recordings","done":0,"of":1,"text":"run-1.xdf"}
    """
    if as_json:
        yield _lines(n_recordings, trained)
        return
    with progress_bar(counted=True) as bar:
        task = bar.add_task("recordings", total=n_recordings)

        stage = "training the decoder"

        def opened(name: str) -> None:
            bar.update(task, description=plain(name), advance=1)

        def folded(done: int, of: int) -> None:
            nonlocal stage
            last = done == of
            stage = "training the decoder" if last else "held-out folds"
            bar.update(task, description=stage, completed=done, total=None if last else of)

        def passed(text: str) -> None:
            bar.update(task, description=f"{stage}: {text}")

        yield TrainingProgress(opened=opened, folded=folded, passed=passed, trained=trained)


def _lines(n_recordings: int, trained: Callable[[History], None]) -> TrainingProgress:
    """Return what writes a line for each step."""
    n_opened, at = 0, (0, 0)

    def write(stage: str, done: int, of: int, text: str = "") -> None:
        row = {"type": "progress", "stage": stage, "done": done, "of": of, "text": plain(text)}
        sys.stdout.write(json_line(row))
        sys.stdout.flush()

    def opened(name: str) -> None:
        nonlocal n_opened
        write("recordings", n_opened, n_recordings, name)
        n_opened += 1

    def folded(done: int, of: int) -> None:
        nonlocal at
        at = done, of
        write("folds", done, of)

    def passed(text: str) -> None:
        write("folds", *at, text)

    return TrainingProgress(opened=opened, folded=folded, passed=passed, trained=trained)
