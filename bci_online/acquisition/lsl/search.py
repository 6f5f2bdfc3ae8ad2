"""Search for streams on the network; the wait is in Python, so that Ctrl-C ends it at once."""

import logging
import time
from collections.abc import Callable

from bci_online.acquisition.found_streams import NETWORK, describe
from bci_online.acquisition.lsl.network import NetworkStream, Resolver
from bci_online.acquisition.stream_choice import (
    choose_eeg,
    choose_markers,
    explain_no_eeg,
    explain_no_markers,
    explain_unread,
    keys_of,
)
from bci_online.config import EegStream, MarkerStream
from bci_online.errors import BciError
from bci_online.messages import EEG

__all__ = ["find_stream", "find_streams", "streams_there"]

logger = logging.getLogger(__name__)

# The streams of one program appear one after the other.
QUIET = 0.25
POLL = 0.02


def find_streams(
    eeg: EegStream,
    markers: MarkerStream,
    timeout: float,
    settle: float,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, NetworkStream]:
    """Return the EEG stream and the marker streams by their keys, after `settle` seconds.

    `meanwhile` is called again and again; an exception that it raises ends the search.

    Parameters
    ----------
    eeg : EegStream
        Which stream is the EEG.
    markers : MarkerStream
        Which streams are markers.
    timeout : float
        In seconds.
    settle : float
        Seconds to wait for further streams.
    meanwhile : callable
        Called again and again; an exception that it raises ends the search.

    Returns
    -------
    streams : dict of str to NetworkStream
        The EEG is the first.

    Raises
    ------
    BciError
        If the EEG or a named marker stream does not appear within `timeout` seconds, or several
        streams could be the EEG; the message lists the streams that are there.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : The rule.
    """
    resolver = Resolver()
    try:
        began = changed = time.monotonic()
        known: list[str] = []
        while True:
            streams, now = resolver.streams(), time.monotonic()
            uids = [stream.uid for stream in streams]
            known, changed = uids, changed if uids == known else now
            is_settled = now - began >= settle and now - changed >= QUIET
            found = choose_eeg(streams, eeg)
            if found is not None and is_settled:
                chosen, missing = choose_markers(streams, markers, found)
                if not missing:
                    unread = explain_unread(streams, [found, *chosen])
                    if unread and markers.types and not markers.names:
                        logger.warning("%s", unread)
                    return {EEG: found, **dict(zip(keys_of(chosen), chosen, strict=True))}
            if now - began > timeout + settle * (found is not None):
                raise BciError(_explained(streams, eeg, markers, timeout))
            meanwhile()
            time.sleep(POLL)
    finally:
        resolver.close()


def _explained(
    streams: list[NetworkStream], eeg: EegStream, markers: MarkerStream, timeout: float
) -> str:
    place = NETWORK._replace(where=f"{NETWORK.where} within {timeout:g} s")
    found = choose_eeg(streams, eeg)
    if found is None:
        return explain_no_eeg(streams, eeg, place)
    _, missing = choose_markers(streams, markers, found)
    if missing:
        return explain_no_markers(streams, missing[0], place)
    seen = describe(streams)
    return f"streams appear and disappear on the network for {timeout:g} s: {seen}; try again"


def find_stream(source_id: str, timeout: float) -> NetworkStream:
    """Return the newest stream with that source_id; wait at most `timeout` seconds for it.

    Parameters
    ----------
    source_id : str
        Of the stream.
    timeout : float
        In seconds.

    Returns
    -------
    stream : NetworkStream
        Not connected yet.

    Raises
    ------
    BciError
        If there is none; the message lists the streams that are there.

    See Also
    --------
    find_streams : The EEG and its markers.
    """
    resolver = Resolver()
    try:
        until = time.monotonic() + timeout
        while True:
            streams = resolver.streams()
            found = [stream for stream in streams if stream.header.source_id == source_id]
            if found:
                return found[-1]
            if time.monotonic() > until:
                raise BciError(
                    f"no stream with source_id {source_id!r} on the network within {timeout:g} s, "
                    f"but {describe(streams)}; start it, or correct the source_id"
                )
            time.sleep(POLL)
    finally:
        resolver.close()


def streams_there(seconds: float) -> list[NetworkStream]:
    """Return the streams that answer within `seconds`, the oldest first.

    Parameters
    ----------
    seconds : float
        How long to wait for answers.

    Returns
    -------
    streams : list of NetworkStream
        Not connected yet.

    See Also
    --------
    find_stream : One of them.
    """
    resolver = Resolver()
    try:
        time.sleep(seconds)
        return resolver.streams()
    finally:
        resolver.close()
