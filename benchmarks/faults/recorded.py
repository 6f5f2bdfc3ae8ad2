"""What a recording and a session folder hold after a fault, read as any reader reads XDF."""

import json
from pathlib import Path

import numpy as np
import pyxdf

OWN = "bci-online"


def recording_in(folder: Path) -> Path | None:
    """Return the newest recording of a session; None where there is none."""
    found = sorted(folder.rglob("*.xdf"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def kept_summary(folder: Path) -> dict:
    """Return the summary that a session left; empty where there is none."""
    found = list(folder.rglob("summary.json"))
    return json.loads(found[0].read_text(encoding="utf-8")) if found else {}


def eeg_stamps(path: Path) -> np.ndarray:
    """Return the raw stamps of the EEG stream, which are this computer's clock.

    Raises
    ------
    Exception
        Whatever pyxdf raises where the file cannot be read.
    """
    streams, _ = pyxdf.load_xdf(
        str(path), synchronize_clocks=False, dejitter_timestamps=False, verbose=False
    )
    for stream in streams:
        if stream["info"]["type"][0] == "EEG":
            return np.asarray(stream["time_stamps"], dtype=float)
    return np.empty(0)


def lost_before(path: Path, at: float) -> tuple[float | None, str]:
    """Return the seconds of EEG missing before `at`, and why the file cannot be read, if so."""
    try:
        stamps = eeg_stamps(path)
    except Exception as error:
        return None, f"the recording cannot be read ({type(error).__name__})"
    before = stamps[stamps <= at]
    return (at - float(before[-1]) if before.size else None), ""


def traceback_in(folder: Path, output: str) -> str:
    """Return that a traceback is in the output or in logs of the session; empty where none is."""
    found = ["the output"] if "Traceback" in output else []
    for log in folder.rglob("*.log"):
        if "Traceback" in log.read_text(encoding="utf-8", errors="replace"):
            found.append(log.name)
    return f"a traceback in {' and '.join(found)}" if found else ""
