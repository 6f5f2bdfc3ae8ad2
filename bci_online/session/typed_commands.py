"""What a program types into a session that it has started: one command a line."""

import os
import select
from contextlib import suppress

__all__ = ["TypedCommands"]

STANDARD_INPUT = 0
READ = 1 << 12
LONGEST = 1000


class TypedCommands:
    r"""Lines of a file descriptor, read without waiting.

    Parameters
    ----------
    descriptor : int
        Standard input if not given.

    See Also
    --------
    bci_online.session.operator.Operator : Obeys them.

    Examples
    --------
    >>> reads, writes = os.pipe()
    >>> typed = TypedCommands(reads)
    >>> n_written = os.write(writes, b"pause\nnote the cap mo")
    >>> typed.read()
    ['pause']
    >>> n_written = os.write(writes, b"ved\n")
    >>> typed.read(), typed.read()
    (['note the cap moved'], [])
    >>> os.close(writes), os.close(reads)
    (None, None)
    """

    def __init__(self, descriptor: int = STANDARD_INPUT) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._is_over = False

    def read(self) -> list[str]:
        """Return the lines that are complete now."""
        # An input that was closed, or belongs to a terminal in the background, says nothing more.
        with suppress(OSError, ValueError):
            while not self._is_over and select.select([self._descriptor], [], [], 0)[0]:
                content = os.read(self._descriptor, READ)
                self._is_over = not content
                self._rest += content
                if len(self._rest) > LONGEST * READ:
                    break
        *lines, self._rest = self._rest.split(b"\n")
        # Without a line break nothing so long is a command.
        self._rest = self._rest[-LONGEST:]
        return [line[:LONGEST].decode("utf-8", "replace").strip() for line in lines]
