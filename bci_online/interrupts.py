"""How a Ctrl-C ends a process: soon, with one line and exit code 130."""

import atexit
import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

__all__ = [
    "EXIT_INTERRUPTED",
    "end_soon_after_interrupt",
    "ended_by_any_signal",
    "ends_silently",
    "first_interrupt_noted",
    "is_said",
    "leave",
    "said",
]

EXIT_INTERRUPTED = 130
PATIENCE_S = 1.5
SHOW_CURSOR = "\x1b[?25h"

_first_is_noted = threading.Event()
"""The next Ctrl-C ends nothing."""

_ended_by = ["Ctrl-C"]
"""The last one is what ends this process."""

is_said = threading.Event()
"""The line that something stopped this process is written; an end that takes longer adds none."""


def said() -> str:
    r"""Return the line that a process writes when something has stopped it.

    Returns
    -------
    line : str
        With its line break.

    See Also
    --------
    ended_by_any_signal : What may have stopped it.

    Examples
    --------
    >>> said().startswith("stopped by ")
    True
    """
    return f"stopped by {_ended_by[-1]}\n"


@contextmanager
def ended_by_any_signal() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a terminal that is closed, end what is inside as a Ctrl-C does.

    Otherwise both end a process at once: a recording is not closed, and no summary is written. A
    signal that is ignored, as with nohup, stays ignored.

    Yields
    ------
    nothing : None
        Inside, both raise KeyboardInterrupt in the main thread.

    See Also
    --------
    bci_online.session.conductor.conduct : Runs sessions so.

    Examples
    --------
    >>> import os
    >>> try:
    ...     with ended_by_any_signal():
    ...         os.kill(os.getpid(), signal.SIGTERM)
    ... except KeyboardInterrupt:
    ...     print("closed in order")
    closed in order
    """
    in_main = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [n for n in numbers if in_main and signal.getsignal(n) is signal.SIG_DFL]

    def end(number: int, frame: object) -> None:
        # Both may come, one after the other, while everything is closed.
        for one in numbers:
            signal.signal(one, signal.SIG_IGN)
        _ended_by.append(signal.Signals(number).name)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def ends_silently() -> Iterator[None]:
    """Let a Ctrl-C end the process at once, without a line: nothing has begun.

    Python would write a traceback of the imports of a command line.

    Yields
    ------
    nothing : None
        Inside, Python does not handle Ctrl-C.

    See Also
    --------
    end_soon_after_interrupt : Once a command runs.

    Examples
    --------
    >>> with ends_silently():
    ...     import json
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        # Signals are somebody else's.
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@functools.cache
def end_soon_after_interrupt() -> None:
    """Let a Ctrl-C end this process within 1.5 s, wherever it is; for commands that close nothing.

    Python raises KeyboardInterrupt only between two of its own instructions, so compiled code keeps
    it waiting, and one that is raised in a callback of compiled code is lost. Then the processes
    that this one has started are killed, and it ends with the same line and exit code.

    See Also
    --------
    bci_online.console.run : Ends a command in order.

    Examples
    --------
    >>> end_soon_after_interrupt()  # and nothing happens until somebody presses Ctrl-C
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        # Signals are somebody else's, such as a test's.
        return
    # Not at the top of the module: every start would take 5 ms longer. Not in the thread: it may be
    # an import that hangs.
    from multiprocessing import active_children

    read, write = os.pipe()
    os.set_blocking(write, False)
    # Unlike a handler, this is written at once, also while compiled code runs.
    signal.set_wakeup_fd(write)
    thread = threading.Thread(
        target=_end_after, args=(read, active_children), name="interrupt", daemon=True
    )
    thread.start()


def _end_after(signals: int, children: Callable[[], "list[BaseProcess]"]) -> None:
    while True:
        while signal.SIGINT not in os.read(signals, 64):
            pass
        if not _first_is_noted.is_set():
            break
        _first_is_noted.clear()
    time.sleep(PATIENCE_S)
    # By their ids: the processes of joblib have no kill().
    for pid in [child.pid for child in children()]:
        with suppress(OSError):
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
    # A progress bar hides the cursor.
    shown = SHOW_CURSOR if sys.stderr.isatty() else ""
    sys.stderr.write(shown if is_said.is_set() else f"{shown}{said()}")
    sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)


@contextmanager
def first_interrupt_noted() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C be noted only, for work that can keep what it has; the second ends it.

    Yields
    ------
    interrupted : callable
        Whether there was a Ctrl-C.

    See Also
    --------
    end_soon_after_interrupt : What the second one does.

    Examples
    --------
    >>> with first_interrupt_noted() as interrupted:
    ...     interrupted()
    False
    """
    noted = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or before is not signal.default_int_handler:
        # Signals are somebody else's.
        yield noted.is_set
        return

    def note(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        noted.set()

    _first_is_noted.set()
    signal.signal(signal.SIGINT, note)
    try:
        yield noted.is_set
    finally:
        signal.signal(signal.SIGINT, before)
        _first_is_noted.clear()


def leave(code: int) -> NoReturn:
    """End the process with an exit code; after a Ctrl-C, or with liblsl in it, at once.

    Parameters
    ----------
    code : int
        As `bci_online.console.run` returns it.

    See Also
    --------
    bci_online.console.run : Runs a command.

    Examples
    --------
    >>> leave(2)  # doctest: +SKIP
    Traceback (most recent call last):
    SystemExit: 2
    """
    if code != EXIT_INTERRUPTED and "pylsl" not in sys.modules:
        sys.exit(code)
    # First run what commands have registered, which closes all streams. Freeing the memory of numba
    # and torch, module by module, takes seconds on a busy computer, and the threads of liblsl end
    # two seconds after everything else. Neither is of any use.
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)
