"""One connection to one stream of the network."""

import ctypes
import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl.liblsl import liblsl
from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.stream_header import (
    FASTEST,
    SAMPLE_TYPES,
    StreamHeader,
    parse_header,
)

__all__ = ["BUFFER_S", "Connection", "Offset"]

BUFFER_S = 360
"""Unread data that liblsl keeps: seconds of a regular stream, hundreds of samples of another."""

# The longest wait in a single call of liblsl: Ctrl-C in the main thread waits as long.
SLICE = 0.2
MOST_TEXTS = 256
# liblsl takes 17 bytes for each sample that it could keep, before the first one comes.
MOST_BUFFERED = 5_000_000


class Offset(NamedTuple):
    """A measurement of a stream's clock, in seconds.

    Parameters
    ----------
    value : float
        Added to the stream's stamps.
    uncertainty : float
        Its possible error.
    measured : float
        The stream's time of the measurement. It stays the same when a stream stops answering.

    See Also
    --------
    Connection : Measures it.
    """

    value: float
    uncertainty: float
    measured: float


class Connection:
    """A connection without recovery and post-processing by liblsl; it is closed when it breaks.

    Parameters
    ----------
    stream : NetworkStream
        The stream to connect to.
    buffer_s : int
        Seconds of unread data; then the oldest samples are dropped. Of a very fast stream fewer are
        kept.

    Attributes
    ----------
    header : StreamHeader
        As announced; with the description once the connection is complete.

    See Also
    --------
    bci_online.acquisition.lsl.readers.SampleReader : Reads samples through it.

    Notes
    -----
    Why ``recover=False``. Measured with ``recover=True``: liblsl connects silently to a stream that
    came back. It does so even if the sampling rate changed under the same source_id, and still
    reports the old rate. If the number of channels changed it never connects and says nothing. With
    ``recover=False`` the next pull after the end of the source raises within 25 ms. Received
    samples that were not pulled yet are lost.

    Why the description comes first. The first pull asks for the stream's description without a time
    limit: if the source hangs, the pull never returns.
    """

    def __init__(self, stream: NetworkStream, buffer_s: int = BUFFER_S) -> None:
        self.stream = stream
        self.header: StreamHeader = stream.header
        self._lsl = liblsl()
        self._inlet: Any = None
        self._subscribed = self._described = False
        self._flaw = ""
        if self.header.sfreq > FASTEST:
            self._flaw = f"it states {self.header.sfreq:g} Hz, at most {FASTEST:g} Hz are possible"
            return
        if self.header.sfreq:
            buffer_s = min(buffer_s, math.ceil(MOST_BUFFERED / self.header.sfreq))
        self._inlet = self._lsl.StreamInlet(stream.info, max_buflen=buffer_s, recover=False)

    def advance(self, timeout: float) -> bool:
        """Continue to connect for about `timeout` seconds; return whether it is complete.

        Raises
        ------
        ConnectionError
            If the stream is gone.
        """
        try:
            if not self._subscribed:
                self._open_inlet().open_stream(timeout)
                self._subscribed = True
            if not self._described:
                xml = self._open_inlet().info(timeout).as_xml()
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
            If the stream is gone, or does not answer within `patience` seconds or before
            `given_up` returns True.
        """
        until = time.monotonic() + patience
        while time.monotonic() < until and not given_up():
            if self.advance(SLICE):
                offset = self.offset(SLICE)
                if offset is not None:
                    return offset
        raise ConnectionError("it does not answer")

    def offset(self, timeout: float) -> Offset | None:
        """Return the newest measurement of the stream's clock; None before the first one.

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        # pylsl's own time_correction() does not return the uncertainty and the time.
        correction = self._lsl.lib.lib.lsl_time_correction_ex
        correction.restype = ctypes.c_double
        measured, uncertainty, code = ctypes.c_double(), ctypes.c_double(), ctypes.c_int()
        # The local name keeps the inlet alive while another thread may close the connection.
        inlet = self._open_inlet()
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

    def pull(self, into: NDArray[Any], timeout: float) -> NDArray[np.float64]:
        """Fill the rows of `into` with samples until it is full or `timeout` has passed.

        Parameters
        ----------
        into : ndarray, shape (n_samples, n_channels)
            Contiguous, of the stream's own type.
        timeout : float
            In seconds.

        Returns
        -------
        stamps : ndarray, shape (n_filled,)
            Raw, one for each row that was filled.

        Raises
        ------
        ConnectionError
            If the connection is broken.
        ValueError
            If `into` is of another type, or not contiguous.
        """
        if into.dtype != SAMPLE_TYPES[self.header.format] or not into.flags.c_contiguous:
            raise ValueError(f"samples of {self.header.format} need a contiguous array of them")
        # pylsl's own pull_chunk makes a type of each buffer, which takes longer than the pull.
        inlet, code, stamps = self._open_inlet(), ctypes.c_int(), np.empty(len(into))
        n_values = inlet.do_pull_chunk(
            inlet.obj,
            ctypes.c_void_p(into.ctypes.data),
            ctypes.c_void_p(stamps.ctypes.data),
            ctypes.c_size_t(into.size),
            ctypes.c_size_t(len(into)),
            ctypes.c_double(timeout),
            ctypes.byref(code),
        )
        try:
            self._lsl.util.handle_error(code)
        except RuntimeError as error:
            raise ConnectionError(str(error)) from None
        # A part of it would keep the room for all in memory.
        return stamps[: n_values // into.shape[1]].copy()

    def holds_samples(self) -> bool:
        """Return whether a pull would find samples; this is faster than an empty pull.

        Only a pull detects that the source closed the connection.
        """
        return self._inlet is not None and bool(self._inlet.samples_available())

    def pull_texts(self) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return the waiting texts as bytes (n, n_channels) and their raw stamps (n,).

        Raises
        ------
        ConnectionError
            If the connection is broken.
        """
        # As bytes: one text that is not UTF-8 would raise, and all texts of the pull would be lost.
        try:
            rows, stamps = self._open_inlet().pull_chunk(0.0, max_samples=MOST_TEXTS, as_numpy=True)
        except RuntimeError as error:
            raise ConnectionError(str(error)) from None
        return rows, stamps

    def close(self) -> None:
        """Close the connection."""
        self._inlet = None

    def _open_inlet(self) -> Any:
        if self._inlet is None:
            raise ConnectionError(self._flaw or "it was closed")
        return self._inlet
