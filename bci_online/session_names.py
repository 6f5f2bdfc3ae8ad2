"""The names of a session and its streams; nothing here needs LSL.

A stream's source_id is ``bci-online/SESSION/KIND``, such as ``bci-online/monday-1/markers``.
"""

import re

__all__ = [
    "SESSION_TYPES",
    "checked_session",
    "is_session",
    "session_of",
    "session_source_id",
    "simulated_source_id",
]

SESSION_TYPES = {
    "markers": "Markers",
    "signed": "Signed",
    "decisions": "Decisions",
    "journal": "Journal",
    "control": "Control",
    "frames": "Frames",
    "panel": "Control",
}
"""The LSL type of each stream of a session; ``panel`` exists only while a panel is open.

``markers`` are plain words, for recordings and for other programs. ``signed`` are the same markers
for the session's own parts, each with its signature.
"""

# The signal that a player, a simulator or an amplifier without LSL sends in a session's name, and
# the events of such an amplifier. An amplifier with LSL has its own id.
_KINDS = (*SESSION_TYPES, "eeg", "events")


def is_session(text: str) -> bool:
    """Return whether a session may be called `text`: 1 to 64 letters, digits, ``_``, ``.``, ``-``.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    answer : bool
        Whether it fits.

    See Also
    --------
    checked_session : Raise an error instead.

    Examples
    --------
    >>> is_session("monday-1"), is_session("monday 1"), is_session("")
    (True, False, False)
    """
    # liblsl puts names and source ids into queries unchanged.
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text) is not None


def checked_session(session: str) -> str:
    """Return `session`.

    Parameters
    ----------
    session : str
        What a person asked for.

    Returns
    -------
    session : str
        The same.

    Raises
    ------
    ValueError
        If no session may be called so; see `is_session`.

    See Also
    --------
    is_session : The rule.

    Examples
    --------
    >>> checked_session("monday-1")
    'monday-1'
    """
    if not is_session(session):
        raise ValueError(f"session {session!r} must be 1 to 64 letters, digits, '_', '.' or '-'")
    return session


def session_source_id(session: str, kind: str) -> str:
    """Return the source_id of a stream of a session.

    Parameters
    ----------
    session : str
        The session's name.
    kind : str
        A key of `SESSION_TYPES`, ``eeg`` or ``events``.

    Returns
    -------
    source_id : str
        What LSL knows the stream by.

    Raises
    ------
    ValueError
        As `checked_session` does, or if there is no such stream.

    See Also
    --------
    session_of : The other direction.

    Examples
    --------
    >>> session_source_id("monday-1", "markers")
    'bci-online/monday-1/markers'
    """
    if kind not in _KINDS:
        raise ValueError(f"kind={kind!r} must be one of {', '.join(_KINDS)}")
    return f"bci-online/{checked_session(session)}/{kind}"


def session_of(source_id: str, kind: str) -> str | None:
    """Return the session that a stream of this kind belongs to; None if it is not such a stream.

    Parameters
    ----------
    source_id : str
        Of any stream.
    kind : str
        As for `session_source_id`.

    Returns
    -------
    session : str or None
        The session's name.

    See Also
    --------
    session_source_id : The other direction.

    Examples
    --------
    >>> session_of("bci-online/monday-1/journal", "journal")
    'monday-1'
    >>> session_of("bci-online/monday-1/markers", "journal") is None
    True
    """
    first, _, rest = source_id.partition("/")
    session, _, found = rest.partition("/")
    return session if (first, found) == ("bci-online", kind) and is_session(session) else None


def simulated_source_id(seed: int) -> str:
    """Return the source_id of the simulated subject with this seed, outside any session.

    Parameters
    ----------
    seed : int
        Of `Simulation`.

    Returns
    -------
    source_id : str
        What LSL knows its stream by.

    See Also
    --------
    bci_online.acquisition.simulator.SimulatedAmplifier : The subject.
    session_source_id : Streams of a session.

    Examples
    --------
    >>> simulated_source_id(7)
    'bci-online/simulated/7'
    """
    return f"bci-online/simulated/{seed}"
