"""The progress bar of every command."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["progress_bar"]


SPEED_S = 900.0
"""How far back the time that is left is estimated from: pieces may take minutes."""


def progress_bar(
    *, counted: bool = False, hidden: bool = False, remaining: bool = False
) -> Progress:
    """Return a bar on standard error, which disappears when it stops.

    Parameters
    ----------
    counted : bool
        Show how many pieces are done, of how many.
    hidden : bool
        Show nothing; nothing is shown either where standard error is no terminal.
    remaining : bool
        Show the time that is left as well.

    Returns
    -------
    bar : rich.progress.Progress
        To be used in a ``with`` statement.

    See Also
    --------
    calibration.progress.training_bar : The bar of a training.

    Notes
    -----
    A task without a total moves to and fro. Descriptions are plain text: they may hold a file's
    name, in which rich would read brackets as its own markup.

    Examples
    --------
    >>> with progress_bar(hidden=True) as bar:
    ...     task = bar.add_task("recordings", total=2)
    ...     bar.advance(task)
    >>> bar.tasks[0].percentage
    50.0
    """
    errors = Console(stderr=True, highlight=False)
    columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False), BarColumn()]
    if counted:
        columns.append(MofNCompleteColumn())
    columns.append(TimeElapsedColumn())
    if remaining:
        columns += [TextColumn("left"), TimeRemainingColumn()]
    unseen = hidden or not errors.is_terminal
    return Progress(
        *columns,
        console=errors,
        transient=True,
        disable=unseen,
        speed_estimate_period=SPEED_S,
    )
