"""What all commands share: errors of one line, safe text, Ctrl-C, lists of trials."""

import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import typer
from typer.exceptions import Abort, TyperException

from bci_online.errors import BciError, shortened

__all__ = [
    "error_lines",
    "fail",
    "json_line",
    "note",
    "output_file",
    "parse_json",
    "parse_speed",
    "parse_trials",
    "plain",
    "run",
]

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
_ERROR = "error: "


def plain(text: str) -> str:
    r"""Return `text` on one line and without control characters: it may come from a file.

    Examples
    --------
    >>> plain("two lines,\n\x1b[31mand a colour")
    'two lines, [31mand a colour'
    """
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


def note(text: str) -> None:
    """Write one plain line to standard error, for what a user should know."""
    sys.stderr.write(f"note: {shortened(plain(text))}\n")


def fail(text: str) -> int:
    """Write one plain line to standard error; return the exit code."""
    sys.stderr.write(f"{_ERROR}{shortened(plain(text))}\n")
    return EXIT_ERROR


def error_lines(text: str) -> list[str]:
    r"""Return the errors in what a program wrote to standard error, as `fail` got them.

    Examples
    --------
    >>> error_lines("note: 2 markers\nerror: cannot connect\n")
    ['cannot connect']
    """
    lines = text.splitlines()
    return [line.removeprefix(_ERROR) for line in lines if line.startswith(_ERROR)]


class _OneLine(logging.Formatter):
    """Log records on one line, without control characters from a file."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {shortened(plain(record.getMessage()))}"


class _Counter(logging.Handler):
    """Counts the warnings of libraries: they are not for the user."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return its exit code.

    A user's error is one line and exit code 2; Ctrl-C is one line and exit code 130.

    Parameters
    ----------
    app : typer.Typer
        The commands.
    arguments : sequence of str, optional
        In place of those of the process.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(True)
    warnings = _Counter()
    logging.getLogger("py.warnings").addHandler(warnings)
    logging.getLogger("py.warnings").propagate = False
    command = typer.main.get_command(app)
    try:
        code = command.main(
            args=None if arguments is None else list(arguments), standalone_mode=False
        )
    except (KeyboardInterrupt, Abort):
        code = EXIT_INTERRUPTED
    except SystemExit as error:
        # typer ends like this when the reader of a pipe closes it (`| head`).
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        return 0
    except TyperException as error:
        return fail(f"{error.format_message()} Try --help.")
    except BciError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename or 'a file'}: {error.strerror or error}; look at the disk")
    except MemoryError:
        return fail("not enough memory: use a shorter recording, or close other programs")
    finally:
        logging.getLogger("py.warnings").removeHandler(warnings)
        if warnings.count:
            note(f"{warnings.count} warnings of libraries are not shown")
    if code == EXIT_INTERRUPTED:
        # typer itself turns Ctrl-C into this code and writes nothing.
        sys.stderr.write("stopped by Ctrl-C\n")
    return code if isinstance(code, int) else 0


def output_file(
    path: Path, what: str, replaces: Callable[[Path], bool], option: str = "--output"
) -> Path:
    """Return `path` if a file may be written there; this is asked before any work is done.

    Parameters
    ----------
    path : Path
        Where the file will be.
    what : str
        What will be written, for the message.
    replaces : callable
        Tells whether a file that is there may be replaced.
    option : str
        The option that named it, for the message.

    Raises
    ------
    BciError
        If there is no such folder, it cannot be written to, or another file has that name.
    """
    if not path.parent.is_dir():
        raise BciError(f"{option} {path}: folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise BciError(f"{option} {path}: is a folder; name a file in it")
    if path.exists() and not (path.is_file() and replaces(path)):
        raise BciError(
            f"{option} {path}: exists and is not a {what}; it is not overwritten, name another file"
        )
    if not os.access(path.parent, os.W_OK):
        raise BciError(f"{option} {path}: folder {path.parent} cannot be written to")
    return path


def json_line(row: object) -> str:
    """Return one JSON object on one line; numbers that are not finite become null."""
    return msgspec.json.encode(row).decode() + "\n"


def parse_json(text: str) -> bool:
    """Return whether ``--json`` asks for JSON lines: ``-`` does, and an empty text does not.

    Raises
    ------
    BciError
        If `text` is anything else.
    """
    if text not in {"", "-"}:
        raise BciError(f"--json {text}: only - (standard output) is possible; redirect it with >")
    return text == "-"


def parse_speed(text: str) -> float | None:
    """Read a speed in multiples of real time; None for ``max``.

    Raises
    ------
    BciError
        If `text` is not such a speed.

    Examples
    --------
    >>> parse_speed("10"), parse_speed("max")
    (10.0, None)
    """
    try:
        speed = None if text == "max" else float(text)
    except ValueError:
        speed = 0.0
    if speed is not None and not 0 < speed <= 1000:
        raise BciError(f"--speed {text}: must be max, or a number in (0, 1000], such as 1 or 10")
    return speed


def parse_trials(text: str) -> frozenset[int]:
    """Read a list of trials such as ``1-3,5``; empty means all.

    Raises
    ------
    BciError
        If `text` is not such a list.

    Examples
    --------
    >>> sorted(parse_trials("1-3,5"))
    [1, 2, 3, 5]
    """
    chosen: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last:
            raise BciError(f"--trials {text}: {part!r} is not a trial or range; write 1-3,5")
        chosen |= set(range(first, last + 1))
    return frozenset(chosen)
