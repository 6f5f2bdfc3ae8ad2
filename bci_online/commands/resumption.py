"""What is left to show of a calibration that was cut short."""

import msgspec

from bci_online.config import Config
from bci_online.session.folder import SessionFolder

__all__ = ["Resumption"]


class Resumption(msgspec.Struct, frozen=True, kw_only=True):
    """A run that goes on with what earlier runs in its folder have begun.

    Parameters
    ----------
    folder : SessionFolder
        Of the next run.
    config : Config
        That of the earlier runs.
    seed : int or None
        Of their order; None where none of them has begun to show anything.
    done : int
        How many letters or trials they have shown.

    See Also
    --------
    bci_online.commands.bodies.resuming.resumption_of : Finds it.
    """

    folder: SessionFolder
    config: Config
    seed: int | None
    done: int
