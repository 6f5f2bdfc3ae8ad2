"""When the records of an EDF+ or BDF+ file begin, and what is annotated in them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.stream_header import MOST_CHANNELS
from bci_online.acquisition.stream_texts import LONGEST_MARKER, printable
from bci_online.errors import RecordingError

__all__ = ["EdfRecords", "discontinuous_records"]

FIXED = 256
PER_SIGNAL = 256
# Where fields begin in the fixed part of the header, and how long they are.
RESERVED, DURATION, N_SIGNALS = (192, 44), (244, 8), (252, 4)
LABEL, BEFORE_SAMPLES = 16, 216
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
# Within an annotation; a list of annotations ends with a zero.
LONG, TEXT, END = b"\x15", b"\x14", b"\x00"


class EdfRecords(NamedTuple):
    """The records of a file with gaps.

    Parameters
    ----------
    starts : ndarray, shape (n_records,)
        Seconds from the beginning of the first record.
    record_s : float
        How long each record is.
    events : list of (float, str)
        Annotations; seconds from the beginning of the first record.

    See Also
    --------
    discontinuous_records : Reads them.

    Examples
    --------
    The second of two records begins three seconds late:

    >>> records = EdfRecords(np.array([0.0, 4.0]), 1.0, [(4.25, "flash"), (2.0, "lost")])
    >>> records.breaks(sfreq=100.0), records.without_gaps(records.events)
    ((100,), [(1.25, 'flash')])
    """

    starts: NDArray[np.float64]
    record_s: float
    events: list[tuple[float, str]]

    def breaks(self, sfreq: float) -> tuple[int, ...]:
        """Return the samples before which others are missing."""
        late = np.diff(self.starts) - self.record_s
        records = 1 + np.flatnonzero(late > 0.5 / sfreq)
        return tuple((records * round(self.record_s * sfreq)).tolist())

    def without_gaps(self, events: list[tuple[float, str]]) -> list[tuple[float, str]]:
        """Return events as if records followed each other; those between records are left out."""
        found = []
        for at, text in events:
            record = int(np.searchsorted(self.starts, at + 1e-6, "right")) - 1
            within = at - self.starts[max(record, 0)]
            if record >= 0 and within <= self.record_s:
                found.append((float(record * self.record_s + max(within, 0.0)), text))
        return found


def discontinuous_records(path: Path) -> EdfRecords | None:
    """Return the records of a file whose header says that there may be gaps; None for others.

    Parameters
    ----------
    path : Path
        An EDF or BDF file.

    Returns
    -------
    records : EdfRecords or None
        In the order of the file.

    Raises
    ------
    RecordingError
        If the file contradicts its header, or its records go back in time.

    See Also
    --------
    bci_online.acquisition.other_formats.mne_raw.read_with_mne : Reads the samples.

    References
    ----------
    Kemp and Olivan (2003), Clin Neurophysiol 114(9): EDF+.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.edf"
    ...     n_written = path.write_bytes(b"0".ljust(192) + b"EDF+C".ljust(64))
    ...     discontinuous_records(path) is None  # its records follow each other
    True
    """
    with path.open("rb") as file:
        header = file.read(FIXED)
        kind = header[RESERVED[0] : sum(RESERVED)][:5]
        if kind not in (b"EDF+D", b"BDF+D"):
            return None
        n_signals = int(_number(header, N_SIGNALS))
        record_s = _number(header, DURATION)
        if not 1 <= n_signals <= MOST_CHANNELS or not record_s > 0:
            raise RecordingError(
                f"states {n_signals} signals in records of {record_s:g} s, which is impossible"
            )
        header += file.read(PER_SIGNAL * n_signals)
        size, spans = _places(header, n_signals, width=3 if kind == b"BDF+D" else 2)
        starts, events = [], []
        lists = _lists(file, FIXED + PER_SIGNAL * n_signals, size, spans)
        for number, found in enumerate(lists, start=1):
            # The first one of a record has no text: it says when the record begins.
            if not found:
                raise RecordingError(f"record {number} does not say when it begins")
            starts.append(found[0][0])
            events += [(at, text) for at, text in found if text]
    return _checked(np.array(starts), record_s, events)


def _places(header: bytes, n_signals: int, width: int) -> tuple[int, list[slice]]:
    """Return how many bytes a record has, and where in it annotations are."""
    labels = [
        header[FIXED + LABEL * n :][:LABEL].decode("latin-1").strip() for n in range(n_signals)
    ]
    first = FIXED + BEFORE_SAMPLES * n_signals
    lengths = [int(_number(header, (first + 8 * n, 8))) for n in range(n_signals)]
    size = width * sum(lengths)
    annotated = [n for n, label in enumerate(labels) if label in ANNOTATIONS]
    if min(lengths) < 0 or size <= 0 or not annotated:
        raise RecordingError(
            "may have gaps between its records, and no annotations say where; export it as a "
            "continuous file (EDF+C), or to XDF"
        )
    return size, [slice(width * sum(lengths[:n]), width * sum(lengths[: n + 1])) for n in annotated]


def _lists(
    file: BinaryIO, first: int, size: int, spans: list[slice]
) -> Iterator[list[tuple[float, str]]]:
    """Yield the annotations of each record; of its samples nothing is read."""
    n_bytes = file.seek(0, os.SEEK_END)
    for record in range(first, n_bytes - size + 1, size):
        found = []
        for span in spans:
            file.seek(record + span.start)
            found += _annotations(file.read(span.stop - span.start))
        yield found


def _checked(
    starts: NDArray[np.float64], record_s: float, events: list[tuple[float, str]]
) -> EdfRecords:
    # Rounded to microseconds, records that follow each other may overlap by so much.
    if starts.size > 1 and not np.all(np.diff(starts) >= record_s - 1e-3):
        raise RecordingError("its records go back in time")
    origin = float(starts[0]) if starts.size else 0.0
    return EdfRecords(starts - origin, record_s, [(at - origin, text) for at, text in events])


def _annotations(part: bytes) -> list[tuple[float, str]]:
    """Return time and text of each annotation in a record; a text may be empty."""
    found = []
    for listed in part.split(END):
        if not listed:
            continue
        when, *texts = listed.split(TEXT)
        try:
            at = float(when.partition(LONG)[0])
        except ValueError:
            continue
        if not np.isfinite(at):
            continue
        # A list ends with a separator.
        texts = texts[:-1] or [b""]
        found += [
            (at, printable(text.decode("utf-8", "replace"), LONGEST_MARKER)) for text in texts
        ]
    return found


def _number(content: bytes, field: tuple[int, int]) -> float:
    start, length = field
    text = content[start : start + length].decode("latin-1").strip()
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise RecordingError(f"has {text!r} in its header in the place of a number")
    return value
