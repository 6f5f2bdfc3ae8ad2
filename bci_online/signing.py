"""Signed lines: only a program with a session's key can send a line that its parts obey.

A signed line is a JSON object, and its last field is the signature::

    {"name":"abort","signed":"SENDER.NUMBER.CODE"}

SENDER is a random name of the outlet, NUMBER counts its lines from 1, and CODE is the HMAC-SHA-256
over stream, sender, number, time stamp and the line without the signature. So a line counts on one
stream, at one time and once.
"""

import hmac
import re
import secrets
import struct
from collections import Counter

__all__ = ["GREETING", "Signer", "Verifier"]

GREETING = '{"greeting":true}'
"""What a stream signs while it has nothing to send: it differs from a stranger's silent one."""

FIELD = ',"signed":"'
_SIGNATURE = re.compile(rb',"signed":"([0-9a-f]{16})\.([1-9][0-9]{0,17})\.([0-9a-f]{64})"\}')
LONGEST_SIGNATURE = 128


class Signer:
    """Signs the lines of one outlet.

    Parameters
    ----------
    key : bytes
        The session's.
    stream : str
        The source_id of the outlet.

    See Also
    --------
    Verifier : The other end.

    Examples
    --------
    >>> line = Signer(bytes(16), "bci-online/monday/panel").signed('{"name":"abort"}', stamp=5.0)
    >>> line.partition(",")[0], len(line)
    ('{"name":"abort"', 111)
    """

    def __init__(self, key: bytes, stream: str) -> None:
        self._key, self._stream = key, stream.encode()
        # It is new each time that a part starts, so that numbers may begin with 1 again.
        self._sender = secrets.token_hex(8)
        self._number = 0

    def signed(self, line: str, stamp: float) -> str:
        """Return `line` with its signature.

        Parameters
        ----------
        line : str
            A JSON object with at least one field.
        stamp : float
            The stamp that it will be sent with.

        Returns
        -------
        line : str
            Still a JSON object, with one field more.

        Raises
        ------
        ValueError
            If it is no such line.
        """
        if not (line.startswith("{") and line.endswith("}") and len(line) > 2):
            raise ValueError(f"a signed line must be a JSON object with a field, got {line[:50]!r}")
        self._number += 1
        sender, number = self._sender.encode(), str(self._number).encode()
        code = _code(self._key, self._stream, sender, number, stamp, line.encode())
        return f'{line[:-1]}{FIELD}{self._sender}.{self._number}.{code.decode()}"}}'


class Verifier:
    """Accepts the signed lines of one stream, each once, and counts the others.

    Parameters
    ----------
    key : bytes
        The session's.
    stream : str
        The source_id of the stream.

    Attributes
    ----------
    refused : Counter
        How many lines were refused, by the reason.

    See Also
    --------
    Signer : The other end.

    Notes
    -----
    The last number of each sender is kept for good, and only a right signature adds a sender. So an
    old line stays refused after a part was started again, and a stranger fills no memory.

    Examples
    --------
    >>> key, stream = bytes(16), "bci-online/monday/panel"
    >>> line = Signer(key, stream).signed('{"name":"abort"}', 5.0).encode()
    >>> verifier = Verifier(key, stream)
    >>> verifier.accepted(line, 5.0)
    '{"name":"abort"}'
    >>> verifier.accepted(line, 5.0), verifier.refused
    ('', Counter({'sent before': 1}))
    """

    def __init__(self, key: bytes, stream: str) -> None:
        self._key, self._stream = key, stream.encode()
        self._numbers: dict[bytes, int] = {}
        self.refused: Counter[str] = Counter()

    def accepted(self, line: bytes, stamp: float) -> str | None:
        """Return the line without its signature; None where it is refused, empty if it came before.

        Parameters
        ----------
        line : bytes
            As it came.
        stamp : float
            The raw stamp that it came with.

        Returns
        -------
        line : str or None
            What was signed. Empty: the signature is right, but a line of this sender with that
            number or a later one was accepted; perhaps somebody passed it on faster.
        """
        found = _SIGNATURE.search(line, max(0, len(line) - LONGEST_SIGNATURE))
        if found is None or found.end() != len(line):
            self.refused["not signed"] += 1
            return None
        sender, number, code = found.groups()
        signed = line[: found.start()] + b"}"
        right = _code(self._key, self._stream, sender, number, stamp, signed)
        if not hmac.compare_digest(code, right):
            self.refused["not signed with this session's key"] += 1
            return None
        if int(number) <= self._numbers.get(sender, 0):
            self.refused["sent before"] += 1
            return ""
        self._numbers[sender] = int(number)
        return signed.decode()


def _code(
    key: bytes, stream: bytes, sender: bytes, number: bytes, stamp: float, line: bytes
) -> bytes:
    # Stream, sender and number hold no zero byte, and a stamp has 8 bytes: so no two lines give the
    # same bytes.
    signed = b"\0".join((stream, sender, number, struct.pack("<d", stamp) + line))
    return hmac.digest(key, signed, "sha256").hex().encode()
