"""Checks of LSL for `bci-online doctor`: the library, a text there and back, the EEG streams."""

import secrets
import statistics
import time
from collections.abc import Callable, Iterator

from bci_online.acquisition.lsl import (
    StreamListing,
    TextInlet,
    list_streams,
    local_clock,
    session_inlet,
    session_outlet,
    wait_for_consumers,
)
from bci_online.session_keys import new_key
from bci_online.terminal.findings import Finding

__all__ = ["lsl_findings", "stream_findings"]

FOUND_S = 5.0
N_TRIPS = 50
SLOW_TRIP_MS = 5.0
RATE_OFF = 0.02


def lsl_findings() -> Iterator[Finding]:
    """Yield whether liblsl loads, and how long a text takes through LSL on this computer.

    Yields
    ------
    finding : Finding
        Of liblsl; if it loads, one of the loopback, too.

    See Also
    --------
    bci_online.commands.bodies.system_checks.examine : Shows them.
    """
    try:
        from bci_online.acquisition.lsl.liblsl import liblsl

        number = int(liblsl().library_version())
    # It looks for a library in its own ways, and may raise anything.
    except Exception as error:
        to_do = "reinstall pylsl (pip install --force-reinstall pylsl), which brings liblsl along"
        yield Finding("liblsl", "FAIL", f"does not load: {error}", to_do)
        return
    yield Finding("liblsl", "OK", f"{number // 100}.{number % 100}")
    session = f"doctor-{secrets.token_hex(4)}"
    new_key(session)
    outlet = session_outlet(session, "control")
    inlet = session_inlet(session, "control")
    try:
        connected = inlet.wait(FOUND_S) and wait_for_consumers((outlet,), FOUND_S)
        trips = [_trip(outlet.push, inlet) for _ in range(N_TRIPS)] if connected else []
    finally:
        inlet.close()
        outlet.close()
    came = [trip for trip in trips if trip is not None]
    if len(came) < N_TRIPS:
        what = f"{len(came)} of {N_TRIPS} texts came back" if connected else "own stream not found"
        to_do = (
            "allow Python in the firewall (UDP and TCP 16571-16604, multicast), leave VPNs, or "
            "keep LSL to this computer: KnownPeers = {127.0.0.1} in lsl_api.cfg"
        )
        yield Finding("LSL loopback", "FAIL", what, to_do)
        return
    trip_ms, worst_ms = 1000 * statistics.median(came), 1000 * max(came)
    found = f"{trip_ms:.2f} ms there, {worst_ms:.2f} ms at most of {N_TRIPS}"
    slow = trip_ms > SLOW_TRIP_MS
    to_do = "close busy programs; choose the processor's performance mode" if slow else ""
    yield Finding("LSL loopback", "look" if slow else "OK", found, to_do)


def _trip(push: Callable[[str], float], inlet: TextInlet) -> float | None:
    """Send a text and return the seconds until it is read; None if it does not come."""
    sent = push('{"name":"status"}')
    until = time.monotonic() + 1.0
    while not inlet.read():
        if time.monotonic() > until:
            return None
        time.sleep(0)
    return local_clock() - sent


def stream_findings() -> Iterator[Finding]:
    """Yield what is wrong or right with each EEG stream on the network, or that there is none.

    Yields
    ------
    finding : Finding
        One of several streams together comes first.

    See Also
    --------
    bci_online.acquisition.lsl.list_streams : Finds the streams.
    """
    found = list_streams()
    signals = [stream for stream in found if stream.type.casefold() == "eeg"]
    if not signals:
        others = ", ".join(stream.name for stream in found) or "no stream"
        to_do = "start the amplifier's LSL program (or `bci-online simulate`) before a session"
        yield Finding("streams", "look", f"no EEG stream; there is {others}", to_do)
    elif len(signals) > 1:
        names = ", ".join(f"{stream.name} on {stream.host}" for stream in signals)
        yield Finding("streams", "look", f"{len(signals)} EEG streams: {names}",
                      "set eeg.name in the configuration to the one that is meant")  # fmt: skip
    for stream in signals:
        yield _stream(stream)


def _stream(stream: StreamListing) -> Finding:
    check, nominal, measured = f"stream {stream.name}", stream.sfreq, stream.measured_sfreq
    if measured is None:
        return Finding(check, "look", "announced, but sends no samples", "start its acquisition")
    found = f"{stream.n_channels} channels, {measured:.1f} of {nominal:g} Hz"
    if abs(measured / nominal - 1) > RATE_OFF if nominal else False:
        to_do = "look at the amplifier's radio link and at the processor load of its computer"
        return Finding(check, "look", found, to_do)
    if stream.offset is None:
        to_do = "its clock does not answer: let UDP through the firewall of its computer"
        return Finding(check, "look", f"{found}, clock unknown", to_do)
    return Finding(check, "OK", f"{found}, clock {1000 * stream.offset:+.2f} ms")
