"""One connection to one stream of the network."""

import ctypes
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl.liblsl import liblsl
from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.stream_header import StreamHeader, parse_header

__all__ = ["BUFFER_S", "Connection", "Offset"]

BUFFER_S = 360
"""Seconds of a regular stream (hundreds of samples of another) that liblsl keeps unread."""

# No call into liblsl waits longer: while it does, a Ctrl-C in the main thread has to wait too.
SLICE = 0.2
MOST_TEXTS = 256


class Offset(NamedTuple):
    """What to add to the stream's clock, how sure that is, and the stream's time it was measured.

    A stream that no longer answers keeps its last ``measured``.
    """

    value: float
    uncertainty: float
    measured: float


class Connection:
    """A connection that is thrown away when it breaks: no recovery, no post-processing by liblsl.

    Parameters
    ----------
    stream : NetworkStream
        Whom to connect to.
    buffer_s : int
        Seconds that are kept unread before the oldest samples are dropped.

    Attributes
    ----------
    header : StreamHeader
        With the description, once the connection stands; before, as announced.

    Notes
    -----
    Measured: with ``recover=True`` liblsl connects silently to a stream that came back, also to
    one with another sampling rate under the same source_id, while it goes on to state the old
    rate; to one with another number of channels it never connects, and says nothing. With
    ``recover=False`` the next pull after the end of the source raises, within 25 ms. What had
    been received and not yet pulled is lost with it.

    The first pull asks for the stream's description without a time limit: on a source that hangs
    it never returns. So the description is asked for before.
    """

    def __init__(self, stream: NetworkStream, buffer_s: int = BUFFER_S) -> None:
        self.stream = stream
        self.header: StreamHeader = stream.header
        self._lsl = liblsl()
        self._inlet: Any = self._lsl.StreamInlet(stream.info, max_buflen=buffer_s, recover=False)
        self._subscribed = self._described = False

    def advance(self, timeout: float) -> bool:
        """Go on connecting for about `timeout` seconds; return whether the connection stands.

        Raises
        ------
        ConnectionError
            If the stream is gone.
        """
        try:
            if not self._subscribed:
                self._standing().open_stream(timeout)
                self._subscribed = True
            if not self._described:
                xml = self._standing().info(timeout).as_xml()
                self.header = parse_header(xml.encode(), self.stream.header.number)
                self._described = True
        except self._lsl.util.TimeoutError:
            return False
        except (RuntimeError, ValueError) as error:
            raise ConnectionError(str(error)) from None
        return True

    def establish(self, patience: float, given_up: Callable[[], bool]) -> Offset:
        """Connect and measure the first offset.

        Raises
        ------
        ConnectionError
            If the stream is gone, or does not answer within `patience` seconds or until
            `given_up`.
        """
        until = time.monotonic() + patience
        while time.monotonic() < until and not given_up():
            if self.advance(SLICE):
                offset = self.offset(SLICE)
                if offset is not None:
                    return offset
        raise ConnectionError("it does not answer")

    def offset(self, timeout: float) -> Offset | None:
        """Return the newest measurement of the stream's clock; None if there is none yet.

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        # pylsl's own time_correction() keeps uncertainty and time of measurement to itself.
        correction = self._lsl.lib.lib.lsl_time_correction_ex
        correction.restype = ctypes.c_double
        measured, uncertainty, code = ctypes.c_double(), ctypes.c_double(), ctypes.c_int()
        # The name keeps the inlet alive in liblsl while another thread may throw it away.
        inlet = self._standing()
        value = correction(
            inlet.obj,
            ctypes.byref(measured),
            ctypes.byref(uncertainty),
            ctypes.c_double(timeout),
            ctypes.byref(code),
        )
        try:
            self._lsl.util.handle_error(code)
        except self._lsl.util.TimeoutError:
            return None
        except RuntimeError as error:
            raise ConnectionError(str(error)) from None
        return Offset(value, uncertainty.value, measured.value)

    def pull(self, into: NDArray[Any], timeout: float) -> list[float]:
        """Fill the rows of `into` with samples, until it is full or `timeout` is over.

        Returns
        -------
        stamps : list of float
            Raw, one for each row that was filled.

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        try:
            _, stamps = self._standing().pull_chunk(timeout, max_samples=len(into), dest_obj=into)
        except RuntimeError as error:
            raise ConnectionError(str(error)) from None
        return stamps

    def holds_samples(self) -> bool:
        """Whether a pull would find something; quicker than to pull and find nothing.

        That the source hung up only a pull tells.
        """
        return self._inlet is not None and bool(self._inlet.samples_available())

    def pull_texts(self) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return waiting texts as bytes (n, n_channels) and their raw stamps (n,).

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        # As bytes: text that is not UTF-8 would raise, and its whole chunk would be lost.
        try:
            rows, stamps = self._standing().pull_chunk(0.0, max_samples=MOST_TEXTS, as_numpy=True)
        except RuntimeError as error:
            raise ConnectionError(str(error)) from None
        return rows, stamps

    def close(self) -> None:
        """Hang up."""
        self._inlet = None

    def _standing(self) -> Any:
        if self._inlet is None:
            raise ConnectionError("it was closed")
        return self._inlet
