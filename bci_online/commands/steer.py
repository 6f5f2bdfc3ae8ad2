"""`bci-online steer`: one command to a session that runs, as from its panel."""

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bci_online.errors import BciError

if TYPE_CHECKING:
    from bci_online.session.onlooker import Onlooker

__all__ = ["steer"]

CONNECT_S = 10.0
POLL_S = 0.02
# The conductor reads its panel every 0.03 s. An outlet that closes takes with it what was not read.
READ_S = 0.5


class SteerCommand(StrEnum):
    """What a session obeys."""

    start = "start"
    pause = "pause"
    resume = "resume"
    undo = "undo"
    finish = "finish"
    abort = "abort"
    note = "note"


def steer(
    session: Annotated[str, typer.Argument(help="the session's name in its streams")],
    command: Annotated[SteerCommand, typer.Argument(help="what it is to do")],
    text: Annotated[str, typer.Argument(help="of a note, for the recording")] = "",
) -> None:
    """Tell a session that runs, here or on another machine, what the panel's buttons do."""
    from contextlib import closing

    from bci_online.option_values import session_name
    from bci_online.session.onlooker import Onlooker
    from bci_online.session_keys import has_key

    name = session_name(session)
    if (command == SteerCommand.note) != bool(text.strip()):
        raise BciError("steer: a note needs a text, and no other command has one")
    if not has_key(name):
        raise BciError(
            f"this computer has no key of session {name}: `bci-online key {name}` shows it where "
            f"the session runs, and `bci-online key {name} --enter` takes it here"
        )
    with closing(Onlooker(name)) as onlooker:
        _connect(onlooker)
        onlooker.send(command.value, text)
        _listen(onlooker, READ_S)


def _connect(onlooker: "Onlooker") -> None:
    """Wait until the session's conductor receives what is sent, and knows who sends."""
    until = time.monotonic() + CONNECT_S
    while not onlooker.has_consumers:
        if time.monotonic() > until:
            raise BciError(
                f"session {onlooker.session} does not answer within {CONNECT_S:g} s; does it run?"
            )
        _listen(onlooker, POLL_S)
    # It greets once a second, and the conductor obeys whom it has seen greet.
    _listen(onlooker, 2 * READ_S + READ_S)


def _listen(onlooker: "Onlooker", seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for _ in onlooker.read():
            pass
        time.sleep(POLL_S)
