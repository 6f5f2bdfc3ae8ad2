"""`bci-online panel`: the operator's panel of a session that runs."""

from typing import Annotated

import typer

from bci_online.interrupts import end_soon_after_interrupt

__all__ = ["Mains", "panel"]

Mains = Annotated[
    float,
    typer.Option("--mains", help="mains frequency to mark in the spectrum, Hz", min=40, max=70),
]


def panel(
    session: Annotated[
        str,
        typer.Option("--session", help="the session's name; if left out, the only one"),
    ] = "",
    mains: Mains = 50.0,
) -> None:
    """Watch a session that runs, here or on another machine, and steer it."""
    end_soon_after_interrupt()
    from bci_online.commands.bodies.panel_window import show_panel

    show_panel(session, mains)
