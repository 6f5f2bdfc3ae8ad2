"""What a part of a session reads: signed lines of one of its streams."""

from collections.abc import Callable

import msgspec

from bci_online.acquisition.lsl.liblsl import local_clock
from bci_online.acquisition.lsl.text_inlet import LONGEST_TEXT, TextInlet
from bci_online.acquisition.stream_texts import LONGEST_MARKER, printable
from bci_online.messages import Status
from bci_online.session_keys import session_key
from bci_online.session_names import session_source_id
from bci_online.signing import Verifier

__all__ = ["StrangerWatch", "session_inlet"]


class _MarkerLine(msgspec.Struct, frozen=True):
    """A marker in its signed line."""

    marker: str


def session_inlet(session: str, kind: str) -> TextInlet:
    """Return an inlet of a stream of a session, which refuses all but the lines of its parts.

    Parameters
    ----------
    session : str
        Name of the session.
    kind : str
        Which of its streams. ``markers`` are read, as words, from the stream of signed markers.

    Returns
    -------
    inlet : TextInlet
        It counts what it refuses.

    Raises
    ------
    BciError
        If the session's key cannot be kept.

    See Also
    --------
    bci_online.acquisition.lsl.outlets.session_outlet : The other end.
    bci_online.signing : What a signed line is.
    """
    source_id = session_source_id(session, "signed" if kind == "markers" else kind)
    accepted = Verifier(session_key(session), source_id).accepted
    return TextInlet(source_id, _words(accepted) if kind == "markers" else _lines(accepted))


class StrangerWatch:
    """Says once who else sends under a session's name.

    Parameters
    ----------
    inlet : TextInlet
        As `session_inlet` returns it.

    See Also
    --------
    bci_online.acquisition.lsl.text_inlet.TextInlet : Counts refused lines.
    """

    def __init__(self, inlet: TextInlet) -> None:
        self._inlet = inlet
        self._has_said = False

    def news(self) -> list[Status]:
        """Return an alarm after the first refused line; nothing before and afterwards."""
        if self._has_said or not self._inlet.n_refused:
            return []
        self._has_said = True
        text = (
            f"lines on {self._inlet.source_id!r} from computer {self._inlet.suspect!r} are "
            "refused: they are not signed with this session's key, or were sent before; another "
            "program sends under this session's name, or has an old key (`bci-online key` shows "
            "the right one)"
        )
        return [Status("alarm", text, local_clock(), "stranger")]


Accepted = Callable[[bytes, float], str | None]


def _lines(accepted: Accepted) -> Accepted:
    def line(raw: bytes, stamp: float) -> str | None:
        text = accepted(raw, stamp)
        return None if text is None else printable(text, LONGEST_TEXT)

    return line


def _words(accepted: Accepted) -> Accepted:
    def words(raw: bytes, stamp: float) -> str | None:
        text = accepted(raw, stamp)
        try:
            marker = msgspec.json.decode(text, type=_MarkerLine).marker if text else text
        except msgspec.MsgspecError:
            return ""
        return None if marker is None else printable(marker, LONGEST_MARKER)

    return words
