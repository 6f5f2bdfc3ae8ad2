"""liblsl's own dejitter, for the same stamps."""

import secrets
import time

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.lsl.liblsl import liblsl

PATIENCE_S = 30.0


def dejittered(sfreq: float, stamps: NDArray[np.float64], chunk_n: int) -> NDArray[np.float64]:
    """Return the stamps as an inlet with ``proc_dejitter`` gives them.

    mne-lsl's `StreamLSL` and most programs take them from there.

    Parameters
    ----------
    sfreq : float
        Nominal sampling rate in Hz.
    stamps : ndarray, shape (n_samples,)
        As the sender gives them.
    chunk_n : int
        How many samples are sent at once.

    Returns
    -------
    times : ndarray
        As many, unless liblsl lost some.
    """
    lsl, name = liblsl(), secrets.token_hex(6)
    info = lsl.StreamInfo(name, "EEG", 1, sfreq, "float32", name)
    outlet = lsl.StreamOutlet(info, max_buffered=3600)
    inlet = lsl.StreamInlet(
        lsl.resolve_byprop("name", name, timeout=PATIENCE_S)[0],
        max_buflen=3600,
        processing_flags=lsl.proc_dejitter,
    )
    inlet.open_stream(PATIENCE_S)
    while not outlet.have_consumers():
        time.sleep(0.01)
    for first in range(0, stamps.size, chunk_n):
        piece = stamps[first : first + chunk_n]
        outlet.push_chunk(np.zeros((piece.size, 1), np.float32), piece.tolist())
    times: list[float] = []
    until = time.monotonic() + PATIENCE_S
    while len(times) < stamps.size and time.monotonic() < until:
        times += inlet.pull_chunk(0.2, max_samples=1 << 16)[1]
    # The receiver first: the other way round liblsl crashed once in 280 times.
    inlet.close_stream()
    del inlet, outlet
    return np.array(times)
