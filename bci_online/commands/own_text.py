"""`bci-online own-text`: what is kept of a subject's own text, and its end."""

import sys
from typing import Annotated

import typer

from bci_online.counted import counted

__all__ = ["own_text"]


def own_text(
    name: Annotated[str, typer.Argument(help="as language.own_text of the configuration has it")],
    erase: Annotated[bool, typer.Option("--erase", help="remove it from this computer")] = False,
) -> None:
    """Show where a subject's own text is and how much there is, or erase it."""
    from bci_online.errors import BciError
    from bci_online.own_text import BYTES_READ, erase_own_text, own_text_path, read_own_text

    try:
        path = own_text_path(name)
    except ValueError as error:
        raise BciError(str(error)) from None
    if erase:
        was = "erased" if erase_own_text(name) else "there was nothing to erase"
        sys.stdout.write(f"{path}: {was}; recordings still hold what was written in them\n")
        return
    text = read_own_text(name)
    sessions = counted(len(text.splitlines()), "session")
    least = "at least " if len(text.encode()) >= BYTES_READ else ""
    sys.stdout.write(f"{path}: {least}{counted(len(text.split()), 'word')} of {sessions}\n")
