"""Which markers may change what is decided."""

from collections.abc import Mapping

from bci_online.markers import Event, Layout, SessionStarted
from bci_online.messages import Journal, Marker, Message, Status

__all__ = ["Steering", "layout_difference"]

Symbols = Mapping[int, tuple[str, ...]]


class Steering:
    """Refuses markers of other streams than the session's, and layouts that do not fit.

    Parameters
    ----------
    layout : mapping of int to tuple of str, optional
        The only layout that a marker may state. None: any, as in a recording, or on the session's
        own screen, which changes words between letters.

    See Also
    --------
    bci_online.runtime.chain.Chain : Asks it about each marker.

    Examples
    --------
    >>> steering = Steering({1: ("A", "B")})
    >>> steering.refused(Layout({1: ("A", "B")}), Marker("layout/…", 5.0), 5.0) is None
    True
    >>> entry, said = steering.refused(Layout({1: ("X",)}), Marker("layout/…", 6.0), 6.0)
    >>> entry.kind, said.text.partition(":")[0]
    ('refused', "a layout on stream 'markers' is refused")
    """

    def __init__(self, layout: Symbols | None = None) -> None:
        self._layout = layout
        self._owner = ""
        self._has_said = False

    def refused(self, event: Event, marker: Marker, time: float) -> list[Message] | None:
        """Return None where a marker may act, else what is said of it, which may be nothing.

        Parameters
        ----------
        event : Event
            What the marker means.
        marker : Marker
            As it came.
        time : float
            Its common time in seconds.

        Returns
        -------
        messages : list of Message or None
            Of a layout an entry of the journal, so that a replay leaves it out too.
        """
        if isinstance(event, SessionStarted):
            self._owner = marker.stream
        elif self._owner not in ("", marker.stream):
            # A session belongs to the stream that began it: what others say decides nothing.
            return []
        if self._layout is None or not isinstance(event, Layout):
            return None
        difference = layout_difference(event.symbols, self._layout)
        if not difference:
            return None
        messages: list[Message] = [Journal("refused", marker.time, text=marker.text)]
        if not self._has_said:
            self._has_said = True
            text = (
                f"a layout on stream {marker.stream!r} is refused: {difference}; let the program "
                "show the decoder's layout, or train a decoder with its layout"
            )
            messages.append(Status("alarm", text, time))
        return messages


def layout_difference(stated: Symbols, own: Symbols) -> str:
    """Return in words where a layout first differs from the decoder's; empty if it does not.

    Parameters
    ----------
    stated : mapping of int to tuple of str
        The symbols of each code, as a marker states them.
    own : mapping of int to tuple of str
        The decoder's.

    Returns
    -------
    difference : str
        The order of a code's symbols does not count.

    See Also
    --------
    Steering : Refuses such a layout.

    Examples
    --------
    >>> layout_difference({1: ("B", "A")}, {1: ("A", "B")})
    ''
    >>> layout_difference({1: ("X",)}, {1: ("A", "B")})
    'code 1 lights X, and A B with the decoder'
    >>> layout_difference({}, {1: ("A", "B")})
    'code 1 lights nothing, and A B with the decoder'
    """
    for code in sorted({*stated, *own}):
        here, there = stated.get(code, ()), own.get(code, ())
        if set(here) != set(there):
            return f"code {code} lights {_shown(here)}, and {_shown(there)} with the decoder"
    return ""


def _shown(symbols: tuple[str, ...]) -> str:
    text = " ".join(symbols)
    return text if 0 < len(text) <= 40 else f"{text[:40]}…" if text else "nothing"
