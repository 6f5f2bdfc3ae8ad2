"""What happens to the streams of a live source, as its helper thread reports it."""

from typing import NamedTuple

from bci_online.acquisition.lsl.connection import Connection, Offset

__all__ = ["Arrived", "Failed", "Measured", "News", "Refused"]


class Measured(NamedTuple):
    """A new clock offset of a stream.

    Parameters
    ----------
    key : str
        Key of the stream in messages.
    offset : Offset
        The offset.

    See Also
    --------
    bci_online.acquisition.lsl.reconnection.Reconnection : Reports it.
    """

    key: str
    offset: Offset


class Arrived(NamedTuple):
    """A stream came back, or a marker stream came late; from now on it has this connection.

    Parameters
    ----------
    key : str
        Key of the stream in messages.
    connection : Connection
        A complete one.
    offset : Offset
        Its first clock offset.

    See Also
    --------
    bci_online.acquisition.lsl.reconnection.Reconnection : Reports it.
    """

    key: str
    connection: Connection
    offset: Offset


class Refused(NamedTuple):
    """The EEG stream came back with other channels, rate or unit.

    Parameters
    ----------
    text : str
        What is different.

    See Also
    --------
    bci_online.acquisition.channel_description.difference : Compares the streams.
    """

    text: str


class Failed(NamedTuple):
    """The helper thread ended because of an error.

    Parameters
    ----------
    error : Exception
        Why.

    See Also
    --------
    bci_online.acquisition.lsl.reconnection.Reconnection : Reports it.
    """

    error: Exception


News = Measured | Arrived | Refused | Failed
