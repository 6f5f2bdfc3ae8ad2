"""What all commands share: errors of one line, safe text, Ctrl-C."""

import io
import logging
import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

import msgspec
import typer
from typer.exceptions import Abort, TyperException

from bci_online.counted import counted
from bci_online.errors import BciError, shortened
from bci_online.interrupts import EXIT_INTERRUPTED, is_said, said

__all__ = [
    "command_line",
    "error_lines",
    "fail",
    "json_line",
    "note",
    "plain",
    "run",
]

EXIT_ERROR = 2
_ERROR = "error: "


def plain(text: str) -> str:
    r"""Return `text` on one line and without control characters: it may come from a file.

    Parameters
    ----------
    text : str
        Of any origin.

    Returns
    -------
    text : str
        It can be printed in a terminal.

    See Also
    --------
    fail, note : Write such a line.

    Examples
    --------
    >>> plain("two lines,\n\x1b[31mand a colour")
    'two lines, [31mand a colour'
    """
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


def note(text: str) -> None:
    """Write one plain line to standard error, for what a user should know.

    Parameters
    ----------
    text : str
        The note; control characters are taken out.

    See Also
    --------
    fail : An error.

    Examples
    --------
    >>> note("2 markers could not be read")  # on standard error, with "note: " before it
    """
    sys.stderr.write(f"note: {shortened(plain(text))}\n")


def fail(text: str) -> int:
    """Write one plain line to standard error; return the exit code.

    Parameters
    ----------
    text : str
        The error; control characters are taken out.

    Returns
    -------
    code : int
        2, with which the program ends.

    See Also
    --------
    error_lines : Finds the line again.
    note : Not an error.

    Examples
    --------
    >>> fail("no such file")  # and on standard error: error: no such file
    2
    """
    sys.stderr.write(f"{_ERROR}{shortened(plain(text))}\n")
    return EXIT_ERROR


def error_lines(text: str) -> list[str]:
    r"""Return the errors in what a program wrote to standard error, as `fail` got them.

    Parameters
    ----------
    text : str
        What the program wrote.

    Returns
    -------
    lines : list of str
        Without the word that begins each.

    See Also
    --------
    fail : Writes such a line.

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

    Returns
    -------
    code : int
        0 if all is well.

    See Also
    --------
    fail : Writes the one line of an error.

    Examples
    --------
    >>> app = typer.Typer()
    >>> @app.command()
    ... def refuse() -> None:
    ...     raise BciError("not today")
    >>> run(app, [])  # one line on standard error, no traceback
    2
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(True)
    warnings = _Counter()
    logging.getLogger("py.warnings").addHandler(warnings)
    logging.getLogger("py.warnings").propagate = False
    # A terminal of another encoding shows "?" for a sign that it lacks.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    command = typer.main.get_command(app)
    try:
        _refuse_empty(sys.argv[1:] if arguments is None else arguments)
        # Without arguments typer reads the program's own, on Windows with their `*`.
        code = command.main(args=arguments, standalone_mode=False)
    except (KeyboardInterrupt, Abort):
        code = EXIT_INTERRUPTED
    except SystemExit as error:
        # typer ends like this when the reader of a pipe closes it (`| head`).
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        return 0
    except TyperException as error:
        return fail(_typed_wrongly(error))
    except BciError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename or 'a file'}: {error.strerror or error}; look at the disk")
    except MemoryError:
        return fail("not enough memory: use a shorter recording, or close other programs")
    finally:
        logging.getLogger("py.warnings").removeHandler(warnings)
        if warnings.count:
            note(f"not shown: {counted(warnings.count, 'warning')} of libraries")
    if code == EXIT_INTERRUPTED:
        # typer itself turns Ctrl-C into this code and writes nothing. The terminal may be gone.
        with suppress(OSError):
            sys.stderr.write(said())
        is_said.set()
    return code if isinstance(code, int) else 0


def _typed_wrongly(error: TyperException) -> str:
    """Return what typer says of an option, with the value, which it leaves out."""
    said = error.format_message()
    values: list[dict[str, object]] = getattr(error.__cause__, "errors", list)()
    if (found := re.match(r"Invalid value for '([^']+)'[^:]*: (.*)", said, re.DOTALL)) and values:
        rule = re.sub("^(Value error, |Input )", "", found[2])
        said = f"{found[1]} {values[0].get('input', '')}: {rule}"
    return f"{said.rstrip('.')}{'' if said.endswith('?') else '.'} Try --help."


def _refuse_empty(arguments: Sequence[str]) -> None:
    """Refuse a text without a sign: often an unset variable of a shell. As a path, this folder."""
    for before, each in pairwise(["", *arguments]):
        name, is_stated, value = each.partition("=")
        if is_stated and not value.strip() and name.startswith("--"):
            raise BciError(f"{name}: is empty; give a value, or leave it out")
        if not each.strip():
            what = f"{before}:" if before.startswith("-") else "an argument"
            raise BciError(f"{what} is empty; give a value, or leave it out")


def command_line(*words: object) -> str:
    """Return a command for a person to copy: a path with a space stays one word.

    Parameters
    ----------
    *words : str or Path
        The command and its arguments.

    Returns
    -------
    line : str
        For a shell.

    See Also
    --------
    plain : For a text that is no command.

    Examples
    --------
    >>> command_line("bci-online", "verify", "my sessions/01")
    "bci-online verify 'my sessions/01'"
    """
    return shlex.join(map(str, words))


def json_line(row: object) -> str:
    r"""Return one JSON object on one line; numbers that are not finite become null.

    Parameters
    ----------
    row : object
        Anything that msgspec encodes.

    Returns
    -------
    line : str
        With its line break.

    See Also
    --------
    bci_online.option_values.parse_json : Whether such lines are asked for.

    Examples
    --------
    >>> json_line({"auc": float("nan"), "letters": 20})
    '{"auc":null,"letters":20}\n'
    """
    return msgspec.json.encode(row).decode() + "\n"
