"""`bci-online key`: the key of a session, for a panel or a part on another computer."""

import sys
from typing import Annotated

import typer

from bci_online.errors import BciError

__all__ = ["key"]


def key(
    session: Annotated[str, typer.Argument(help="the session's name")],
    enter: Annotated[
        bool, typer.Option("--enter", help="type the key that the session's computer shows")
    ] = False,
) -> None:
    """Show the key of a session on this computer, or keep the key of one on another computer."""
    from bci_online.option_values import session_name
    from bci_online.session_keys import enter_key, has_key, key_text, session_key

    name = session_name(session)
    if enter:
        enter_key(name, _typed(f"key of session {name}: "))
    elif has_key(name):
        sys.stdout.write(key_text(session_key(name)) + "\n")
    else:
        raise BciError(f"session {name} has no key of yours on this computer; start it first")


def _typed(question: str) -> str:
    """Return what is typed, unseen; or a line of a program or file."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    from getpass import getpass

    try:
        return getpass(question)
    except EOFError:
        return ""
