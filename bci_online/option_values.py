"""Texts that options of several commands take: names, speeds, lists of trials."""

import re
import secrets

from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.session_names import is_session

__all__ = [
    "parse_json",
    "parse_names",
    "parse_speed",
    "parse_steer",
    "parse_trials",
    "session_name",
]


def parse_json(text: str) -> bool:
    """Return whether ``--json`` asks for JSON lines: ``-`` does, and an empty text does not.

    Parameters
    ----------
    text : str
        As on the command line.

    Returns
    -------
    asked : bool
        Whether JSON lines are to be written.

    Raises
    ------
    BciError
        If `text` is anything else.

    See Also
    --------
    bci_online.console.json_line : Makes such a line.

    Examples
    --------
    >>> parse_json("-"), parse_json("")
    (True, False)
    """
    return _is_dash(text, "--json", "- (standard output) is possible; redirect it with >")


def parse_steer(text: str) -> bool:
    """Return whether ``--steer`` asks for commands on standard input: ``-`` does.

    Parameters
    ----------
    text : str
        As on the command line.

    Returns
    -------
    asked : bool
        Whether commands are to be read.

    Raises
    ------
    BciError
        If `text` is anything else than ``-`` or empty.

    See Also
    --------
    bci_online.session.typed_commands.TypedCommands : Reads them.

    Examples
    --------
    >>> parse_steer("-"), parse_steer("")
    (True, False)
    """
    return _is_dash(text, "--steer", "- (standard input) is possible; redirect it with <")


def _is_dash(text: str, option: str, possible: str) -> bool:
    if text not in {"", "-"}:
        raise BciError(f"{option} {text}: only {possible}")
    return text == "-"


def parse_speed(text: str) -> float | None:
    """Read a speed in multiples of real time; None for ``max``.

    Parameters
    ----------
    text : str
        As on the command line.

    Returns
    -------
    speed : float or None
        None: as fast as possible.

    Raises
    ------
    BciError
        If `text` is not such a speed.

    See Also
    --------
    parse_trials : Reads another option.

    Examples
    --------
    >>> parse_speed("10"), parse_speed("max")
    (10.0, None)
    """
    try:
        speed = None if text == "max" else float(text)
    except ValueError:
        speed = 0.0
    if speed is not None and not 0 < speed <= 1000:
        raise BciError(f"--speed {text}: must be max, or a number in (0, 1000], such as 1 or 10")
    return speed


def parse_names(option: str, text: str) -> tuple[str, ...]:
    """Read a list of names such as ``Cz,Pz``; empty means none.

    Parameters
    ----------
    option : str
        For errors.
    text : str
        As on the command line, with commas or blanks between.

    Returns
    -------
    names : tuple of str
        In the order given.

    Raises
    ------
    BciError
        If `text` has commas alone, or names something twice.

    See Also
    --------
    parse_trials : Reads another list.

    Examples
    --------
    >>> parse_names("--prefer", "Cz, Pz")
    ('Cz', 'Pz')
    """
    names = tuple(text.replace(",", " ").split())
    if text and not names:
        raise BciError(f"{option} {text}: names nothing; write names with commas between")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise BciError(f"{option} {text}: {twice[0]!r} is named twice")
    return names


def parse_trials(text: str) -> frozenset[int]:
    """Read a list of trials such as ``1-3,5``; empty means all.

    Parameters
    ----------
    text : str
        As on the command line.

    Returns
    -------
    trials : frozenset of int
        Numbers from 1; empty means all.

    Raises
    ------
    BciError
        If `text` is not such a list.

    See Also
    --------
    parse_speed : Reads another option.

    Examples
    --------
    >>> sorted(parse_trials("1-3,5"))
    [1, 2, 3, 5]
    """
    chosen: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last:
            raise BciError(f"--trials {text}: {part!r} is not a trial or range; write 1-3,5")
        chosen |= set(range(first, last + 1))
    if text and not chosen:
        raise BciError(f"--trials {text}: names no trial; write 1-3,5")
    return frozenset(chosen)


def session_name(name: str = "") -> str:
    """Return `name`, or one that no other session has; it identifies no person.

    Parameters
    ----------
    name : str
        As the user gave it; empty: none.

    Returns
    -------
    name : str
        At most 64 characters.

    Raises
    ------
    BciError
        If `name` is not a valid name; see `is_session`.

    See Also
    --------
    bci_online.session_names.is_session : The rule.

    Examples
    --------
    >>> session_name("sub-01"), len(session_name())
    ('sub-01', 8)
    """
    if name and not is_session(name):
        raise BciError(f"--session {plain(name)}: must be 1 to 64 letters, digits, _ . or -")
    return name or secrets.token_hex(4)
