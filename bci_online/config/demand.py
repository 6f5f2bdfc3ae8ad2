"""What a decoder asks of a computer: memory and work, computed before anything is made.

Each number of a header has a range, and yet some together ask for more than a computer has: 1024
channels in 64 bands at 100 kHz. Such a header is refused in one line.
"""

from typing import Protocol

__all__ = ["SECONDS_KEPT", "check_demand", "most_filters"]

SECONDS_KEPT = 30.0
"""So much of the filtered signal is kept: a marker may arrive this late."""

MOST_BUFFER = 2e9
"""Bytes of the filtered signal. 256 channels at 2048 Hz take 0.25e9; nine bands of 128, 1.1e9."""
MOST_VALUES = 2e7
"""Numbers in one window."""
MOST_LATENCIES = 1e6
"""Numbers in one epoch. A flash is scored at 61 shifted onsets, in one array."""
MOST_WORK = 1e10
"""Multiplications a second, about one core, where each window meets `most_filters`."""


class Demanding(Protocol):
    """The part of `Preprocessing` that decides how much is computed."""

    @property
    def n_rows(self) -> int:
        """Rows of the filtered signal."""
        ...

    @property
    def n_epoch(self) -> int:
        """Columns of one epoch or window."""
        ...

    @property
    def windows_per_s(self) -> float:
        """How many windows are scored in a second; 0 without windows."""
        ...

    @property
    def ch_names(self) -> tuple[str, ...]:
        """The channels."""
        ...

    @property
    def sfreq(self) -> float:
        """Samples per second."""
        ...


def most_filters(n_channels: int) -> int:
    """Return how many spatial filters a band may have: a few for each of many classes.

    Parameters
    ----------
    n_channels : int
        Of the signal.

    Returns
    -------
    n_filters : int
        For each band.

    See Also
    --------
    check_demand : The other bounds.

    Examples
    --------
    >>> most_filters(8), most_filters(256)
    (100, 256)
    """
    return max(n_channels, 100)


def check_demand(asked: Demanding) -> None:
    """Refuse a preprocessing that needs more memory or work than a computer has.

    Parameters
    ----------
    asked : Demanding
        A preprocessing.

    Raises
    ------
    ValueError
        In one line: what is asked for, the bound, and the way out.

    See Also
    --------
    bci_online.config.decoder.Preprocessing : Is checked so.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> names = tuple(f"E{number}" for number in range(1024))
    >>> try:
    ...     Preprocessing(ch_names=names, sfreq=20_000.0)
    ... except ValueError as error:
    ...     print(str(error).partition(":")[0])
    1024 rows of signal at 20000 Hz take 9.8 GB of memory, at most 2 GB are possible
    """
    n_rows, values = asked.n_rows, asked.n_rows * asked.n_epoch
    # A ring buffer holds twice its seconds, in doubles.
    buffer = n_rows * 2 * SECONDS_KEPT * asked.sfreq * 8
    if buffer > MOST_BUFFER:
        raise ValueError(
            f"{n_rows} rows of signal at {asked.sfreq:g} Hz take {buffer / 1e9:.1f} GB of memory, "
            f"at most {MOST_BUFFER / 1e9:g} GB are possible: take fewer channels or bands"
        )
    most = MOST_VALUES if asked.windows_per_s else MOST_LATENCIES
    if values > most:
        raise ValueError(
            f"{n_rows} rows of {asked.n_epoch} samples make {values:.0f} values, at most "
            f"{most:.0f} are possible: take fewer channels, or shorter epochs or windows"
        )
    work = asked.windows_per_s * values * most_filters(len(asked.ch_names))
    if work > MOST_WORK:
        raise ValueError(
            f"{asked.windows_per_s:g} windows a second of {values:.0f} values need {work:.0e} "
            f"multiplications a second, at most {MOST_WORK:.0e} are possible: "
            "take a longer window.step, or fewer channels"
        )
