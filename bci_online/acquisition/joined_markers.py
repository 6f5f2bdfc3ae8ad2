"""Markers of one moment as one: programs that send a code and its label as two markers."""

from collections.abc import Sequence

__all__ = ["JoinedMarkers"]

# Such a program stamps both within this time; the next event is a tenth of a second away.
SAME_MOMENT_S = 0.002


class JoinedMarkers:
    """Joins texts of one moment with a blank, in the order in which they came.

    Parameters
    ----------
    join : bool
        Whether texts are joined at all.

    See Also
    --------
    bci_online.config.streams.MarkerStream : Its ``join`` asks for it.

    Notes
    -----
    The last moment is held back until a later text or `flush`. So nothing depends on how the texts
    are cut.

    Examples
    --------
    >>> joined = JoinedMarkers(join=True)
    >>> joined.push([(1.0, "33025"), (1.0, "33285"), (1.2, "33031")]), joined.flush()
    ([(1.0, '33025 33285')], [(1.2, '33031')])
    """

    def __init__(self, join: bool) -> None:
        self._join = join
        self._held: list[tuple[float, str]] = []

    @property
    def holds_back(self) -> bool:
        """Whether the texts of the last moment are held back."""
        return bool(self._held)

    def push(self, texts: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
        """Take stamps and texts; return those of moments that are over."""
        if not self._join:
            return [*texts]
        found: list[tuple[float, str]] = []
        for stamp, text in texts:
            if self._held and not abs(stamp - self._held[0][0]) <= SAME_MOMENT_S:
                found += self.flush()
            self._held.append((stamp, text))
        return found

    def flush(self) -> list[tuple[float, str]]:
        """Return what was held back: nothing more of that moment comes."""
        if not self._held:
            return []
        stamp, text = self._held[0][0], " ".join(text for _, text in self._held)
        self._held = []
        return [(stamp, text)]
