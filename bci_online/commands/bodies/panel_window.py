"""The window of `bci-online panel`, for a session on this or another machine."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from bci_online.acquisition.lsl import LslSource, local_clock
from bci_online.acquisition.lsl.network import NetworkStream, Resolver
from bci_online.config import EegStream, MarkerStream
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.option_values import session_name
from bci_online.session.onlooker import Onlooker
from bci_online.session.parent import end_with_parent
from bci_online.session_keys import has_key
from bci_online.session_names import session_of, session_source_id
from bci_online.session_state import SessionState

__all__ = ["show_panel"]

SEARCH_S = 6.0
POLL_S = 0.05
# After this the session counts as one without a screen, like `bci-online run`.
UNMARKED_S = 3.0


def show_panel(session: str, mains_hz: float, *, with_parent: bool = False) -> None:
    """Show the panel of a session until its window is closed.

    Parameters
    ----------
    session : str
        Name of the session; empty: the only session that runs.
    mains_hz : float
        The mains frequency that is marked in the spectrum, in Hz.
    with_parent : bool
        End with the process that started this one.

    Raises
    ------
    BciError
        If there is no display, or no key of the session; or, without a name, if not exactly one
        session runs.

    See Also
    --------
    bci_online.gui.panel.application.run_panel : The window.
    """
    shows = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in shows):
        raise BciError(
            "no display for the operator's panel: set DISPLAY, or start it on another machine with "
            "`bci-online panel`"
        )
    name = session_name(session) if session else _only_session()
    if not has_key(name):
        raise BciError(
            f"this computer has no key of session {name}: `bci-online key {name}` shows it where "
            f"the session runs, and `bci-online key {name} --enter` takes it here"
        )
    # Imported late: Qt takes long to load, and the search may fail before.
    from bci_online.gui.panel.application import run_panel
    from bci_online.gui.panel.signal_reader import SignalReader

    with closing(Onlooker(name)) as onlooker:
        state = SessionState()
        reader = SignalReader(_Sources(onlooker, state).next)
        with closing(reader):
            ends: list[bool] = []
            if with_parent:
                end_with_parent(lambda: ends.append(True))
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: ends.append(True))
            run_panel(
                onlooker, reader, local_clock, lambda: bool(ends), mains_hz=mains_hz, state=state
            )


class _Sources:
    """The EEG of a session, with the markers that are drawn over it.

    Parameters
    ----------
    onlooker : Onlooker
        Knows whether the session sends its own markers.
    state : SessionState
        The panel's; it knows which EEG is received.
    clock : callable
        Seconds.
    """

    def __init__(
        self, onlooker: Onlooker, state: SessionState, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._onlooker, self._state, self._clock = onlooker, state, clock
        self._unmarked_since: float | None = None

    def next(self) -> LslSource | None:
        """Return the session's EEG; None while it is not received, or markers may still come."""
        onlooker, now = self._onlooker, self._clock()
        engine = self._state.engine
        if engine is None or not engine.eeg:
            return None
        eeg = engine.eeg
        names: Sequence[str] = ()
        if "markers" not in onlooker.missing:
            self._unmarked_since = None
            names = [session_source_id(onlooker.session, kind) for kind in ("markers", "frames")]
        else:
            # Streams are found one after the other. A source without names takes the markers of
            # every program, and does not change to the session's own when these are found later.
            self._unmarked_since = now if self._unmarked_since is None else self._unmarked_since
            if now < self._unmarked_since + UNMARKED_S:
                return None
        stream = EegStream(name=eeg.get("source_id") or eeg.get("name", ""))
        return LslSource(stream, MarkerStream(names=tuple(names)), lost_after=float("inf"))


def _only_session() -> str:
    resolver = Resolver()
    try:
        until = time.monotonic() + SEARCH_S
        names: list[str] = []
        while time.monotonic() < until:
            time.sleep(POLL_S)
            names = _sessions(resolver.streams())
            if names and time.monotonic() > until - SEARCH_S / 2:
                break
    finally:
        resolver.close()
    if len(names) == 1:
        return names[0]
    if names:
        raise BciError(
            f"{len(names)} sessions run: {plain(', '.join(names))}; name one with --session"
        )
    raise BciError(
        f"no session on the network within {SEARCH_S:g} s; start one, or wait for it with --session"
    )


def _sessions(streams: Sequence[NetworkStream]) -> list[str]:
    found = (session_of(stream.header.source_id, "journal") for stream in streams)
    return sorted({name for name in found if name is not None})
