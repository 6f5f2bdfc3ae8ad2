"""How fast the recording of a session grows."""

from collections import deque

__all__ = ["RecordingGrowth"]

# Half a minute of reports.
N_REPORTS = 30


class RecordingGrowth:
    """Keeps the last reported sizes of a recording.

    See Also
    --------
    bci_online.session_state.state.SessionState : Has the size of the last report.

    Examples
    --------
    >>> growth = RecordingGrowth()
    >>> growth.add(1000, now=1.0)
    >>> growth.add(5000, now=3.0)
    >>> growth.bytes_per_s
    2000.0
    """

    def __init__(self) -> None:
        self._sizes: deque[tuple[float, int]] = deque(maxlen=N_REPORTS)

    def add(self, n_bytes: int, now: float) -> None:
        """Add the size that was reported at `now` (s)."""
        self._sizes.append((now, n_bytes))

    @property
    def bytes_per_s(self) -> float | None:
        """How fast the size grows; None while it is unknown."""
        if len(self._sizes) < 2:
            return None
        (begin, first), (end, last) = self._sizes[0], self._sizes[-1]
        return (last - first) / (end - begin) if end > begin else None
