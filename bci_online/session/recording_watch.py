"""Whether a recording reaches its disk, before a session and while it runs."""

import shutil
import tempfile
from collections import deque
from pathlib import Path

import numpy as np

from bci_online.errors import RecordingError

__all__ = ["RecordingWatch", "check_room", "disk_refusal"]

# LabRecorder writes twice a second; fewer channels fill its buffer less often. A file that has not
# grown for so many of its usual intervals, and for at least so many seconds, is not written.
STALLED_STEPS, STALLED_S = 3.0, 1.5
# Its buffer is that of a C++ file stream. Between letters only the EEG fills it, with at least one
# byte a stamp: 2 channels at 64 Hz take 14 s, when the flashes before took 5.
BUFFER_BYTES, WRITES_EVERY_S, LEAST_STAMP_BYTES = 8192, 0.5, 1
N_STEPS, FEWEST_STEPS = 20, 6
PROBE_EVERY_S = 0.5
PROBE_BYTES = 1 << 16

# Measured with XDF files of LabRecorder: 4 bytes a value, up to 9 a stamp. The other streams of a
# session, of which the screen's frames are the largest, take less than 2 kB a second.
VALUE_BYTES, STAMP_BYTES, OTHERS_BYTES = 4, 9, 2000
# In free spelling nobody knows how long a session takes.
FREE_S = 600.0

LOST = "what follows is not recorded"


class RecordingWatch:
    """Notices that a recording no longer reaches the disk.

    Parameters
    ----------
    folder : Path
        Where it is written.

    See Also
    --------
    bci_online.session.recorder.SessionRecorder : Reports the file's size.

    Notes
    -----
    LabRecorder says nothing when the disk is full: it goes on, and the file stays as it is. So the
    disk is asked, by writing a little, and the growth of the file is followed. Writing is asked
    and not the free space, because a quota or a disk that became read-only leaves space free.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._grew_at: float | None = None
        self._steps: deque[float] = deque(maxlen=N_STEPS)
        self._longest_s = STALLED_S
        self._probe_at = 0.0
        self._has_failed = False
        self._hung = ""

    def expect(self, sfreq: float, n_channels: int) -> None:
        """Wait as long as this EEG alone takes to fill the recorder's buffer."""
        rate = sfreq * (VALUE_BYTES * n_channels + LEAST_STAMP_BYTES)
        self._longest_s = max(STALLED_S, WRITES_EVERY_S + BUFFER_BYTES / rate)

    @property
    def may_come_back(self) -> bool:
        """Whether only the recorder hangs: once it wakes it writes all that came meanwhile."""
        return bool(self._hung)

    def came_back(self, n_bytes: int) -> str:
        """Return the fault of `check` once, when the recorder writes again; else an empty text."""
        if not self._hung or n_bytes == self._size:
            return ""
        said, self._hung = self._hung, ""
        self._has_failed, self._grew_at = False, None
        return said

    def check(self, n_bytes: int, now: float, *, eeg_is_silent: bool = False) -> str:
        """Return what is wrong, once; empty while all is well.

        Parameters
        ----------
        n_bytes : int
            Size of the recording.
        now : float
            ``time.monotonic``.
        eeg_is_silent : bool
            Whether no samples come: then the file has nothing to grow by.
        """
        if self._has_failed:
            return ""
        fault = self._stalled(n_bytes, now, eeg_is_silent)
        if not fault and now >= self._probe_at:
            self._probe_at = now + PROBE_EVERY_S
            refusal = disk_refusal(self._folder)
            fault = f"the disk takes no more data ({refusal}): {LOST}" if refusal else ""
        self._has_failed = bool(fault)
        return fault

    def _stalled(self, n_bytes: int, now: float, eeg_is_silent: bool) -> str:
        if n_bytes != self._size or eeg_is_silent:
            if self._grew_at is not None and n_bytes != self._size:
                self._steps.append(now - self._grew_at)
            self._size, self._grew_at = n_bytes, now
            return ""
        if self._grew_at is None:
            return ""
        stalled_s = now - self._grew_at
        is_known = len(self._steps) >= FEWEST_STEPS
        usual_s = float(np.median(self._steps)) if is_known else WRITES_EVERY_S
        if stalled_s <= max(self._longest_s, STALLED_STEPS * usual_s):
            return ""
        refusal = disk_refusal(self._folder)
        why = f"the disk takes no more data: {refusal}" if refusal else "its recorder hangs"
        fault = f"the recording has not grown for {stalled_s:.1f} s ({why}): {LOST}"
        self._hung = "" if refusal else fault
        return fault


def disk_refusal(folder: Path) -> str:
    """Return why a folder takes no data, as the system says it; empty if it takes some.

    Parameters
    ----------
    folder : Path
        It exists.

    Returns
    -------
    reason : str
        Empty if all is well.

    See Also
    --------
    check_room : Whether a whole session fits.
    """
    try:
        # Without a name: nothing is left of it, and no link can stand in its place.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_BYTES))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def check_room(folder: Path, sfreq: float, n_channels: int, seconds: float | None) -> None:
    """Refuse a session that its disk has no room for.

    Parameters
    ----------
    folder : Path
        Where it will be recorded.
    sfreq : float
        Sampling rate of the EEG in Hz.
    n_channels : int
        Number of its channels.
    seconds : float or None
        How long the session will take; None where the subject decides: then ten minutes are
        assumed.

    Raises
    ------
    RecordingError
        If the folder's disk has less free space than the recording will take.

    See Also
    --------
    disk_refusal : Whether the disk takes anything at all.
    """
    seconds = FREE_S if seconds is None else seconds
    rate = sfreq * (VALUE_BYTES * n_channels + STAMP_BYTES) + OTHERS_BYTES
    free = shutil.disk_usage(folder).free
    if rate * seconds > free:
        raise RecordingError(
            f"{folder}: {free / 1e6:.1f} MB are free, the session needs about "
            f"{rate * seconds / 1e6:.1f} MB ({n_channels} channels × {sfreq:g} Hz × "
            f"{seconds / 60:.0f} min); free some, or choose another folder"
        )
