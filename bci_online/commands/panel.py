"""`bci-online panel`, as typed.

Imported with the command line itself, so it imports nothing heavy before a command runs.
"""

from typing import Annotated

import typer

__all__ = ["beside", "panel"]

Mains = Annotated[float, typer.Option("--mains", help="the mains' frequency, Hz", min=40, max=70)]


def panel(
    session: Annotated[
        str, typer.Option("--session", help="the session's name; empty: the only one that runs")
    ] = "",
    mains: Mains = 50.0,
) -> None:
    """Look on at a session that runs, here or on another machine, and steer it."""
    from bci_online.commands.looking_on import show_panel

    show_panel(session, mains)


def beside(session: str, mains: Mains = 50.0) -> None:
    """Be the panel of a session for the process that started this one."""
    from bci_online.commands.looking_on import show_panel

    show_panel(session, mains, with_parent=True)
