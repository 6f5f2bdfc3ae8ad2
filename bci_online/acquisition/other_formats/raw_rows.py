"""The samples of a recording that MNE reads, read from its files when they are asked for."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bci_online.errors import RecordingError

__all__ = ["ColumnRows", "RawRows"]

# Numbers of a block: 16 MB.
BLOCK = 1 << 21


class RawRows:
    """The samples of a recording that MNE has opened, in blocks; a slice of it is an array.

    Parameters
    ----------
    raw : mne.io.BaseRaw
        Not loaded.
    factors : ndarray, shape (n_channels,)
        MNE's numbers times these are the samples.

    Attributes
    ----------
    dtype : numpy.dtype
        Of the samples.
    shape : (int, int)
        Samples, channels.

    Raises
    ------
    RecordingError
        While samples are read, if MNE cannot read them.

    See Also
    --------
    bci_online.acquisition.xdf.sample_rows.SampleRows : The same of an XDF file.

    Examples
    --------
    >>> import mne
    >>> info = mne.create_info(["Cz"], 100.0, "eeg", verbose="ERROR")
    >>> raw = mne.io.RawArray(1e-6 * np.arange(200.0)[None], info, verbose="ERROR")
    >>> rows = RawRows(raw, np.array([1e6]))
    >>> len(rows), rows[98:101].round(3).tolist()
    (200, [[98.0], [99.0], [100.0]])
    """

    def __init__(self, raw: Any, factors: NDArray[np.float64]) -> None:
        self._raw, self._factors = raw, factors
        self.dtype = np.dtype(np.float64)
        self.shape = (int(raw.n_times), factors.size)
        self._n_block = max(1, BLOCK // factors.size)
        self._current, self._values = -1, np.empty((0, factors.size))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: slice) -> NDArray[np.float64]:
        """Return some rows (n, n_channels) that follow each other."""
        start, stop, step = which.indices(len(self))
        if step != 1:
            raise ValueError(f"step={step}: only rows that follow each other can be read")
        first = start // self._n_block
        parts = [
            self._block(number)[max(0, start - number * self._n_block) :][
                : stop - max(start, number * self._n_block)
            ]
            for number in range(first, -(-stop // self._n_block))
        ]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate([np.empty((0, self.shape[1])), *parts])

    def _block(self, number: int) -> NDArray[np.float64]:
        if number != self._current:
            start = number * self._n_block
            stop = min(start + self._n_block, len(self))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    data = self._raw.get_data(start=start, stop=stop, verbose="ERROR")
            # MNE does not document what it raises on a file that is damaged.
            except Exception as error:
                kind = f"{type(error).__name__}: {error}"
                raise RecordingError(f"cannot be read by MNE ({kind})") from error
            self._values, self._current = data.T * self._factors, number
        return self._values


class ColumnRows:
    """One channel of samples, in memory or in a file; a slice of it is an array (n, 1).

    Parameters
    ----------
    rows : array_like, shape (n_samples, n_channels)
        The samples.
    column : int
        The channel.

    See Also
    --------
    RawRows : Samples in a file.

    Examples
    --------
    >>> ColumnRows(np.arange(6).reshape(3, 2), 1)[1:].tolist()
    [[3], [5]]
    """

    def __init__(self, rows: Any, column: int) -> None:
        self._rows, self._column = rows, slice(column, column + 1)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: slice) -> NDArray[Any]:
        """Return some of its samples (n, 1)."""
        found: NDArray[Any] = self._rows[which][:, self._column]
        return found
