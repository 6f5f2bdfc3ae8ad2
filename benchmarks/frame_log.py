"""How well a session's screen keeps its schedule, by its own log of frames.

    xvfb-run -s "-screen 0 1920x1080x24" python -m benchmarks.frame_log --minutes 5

A whole calibration session, as `bci-calibrate record p300 --simulate` records it: screen, engine,
simulated amplifier and LabRecorder, each a process. Measured are raw stamps in the XDF file,
nothing else: those of the frames and those of the markers.

* *Frame*: a frame's stamp against a grid of refreshes; the earliest hundredth lies on it.
* *Flash to flash*: the time between two flashes of a letter less the frames it should be.
* *Marker*: a flash's stamp less that of its frame.

A frame or flash is late that comes more than half a refresh after its time. On a display that holds
vertical sync the grid is the display's own, and the first row means nothing. ``--recording`` looks
at a recording that is there.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyxdf
from numpy.typing import NDArray

from bci_online.markers import Flash, Note, SessionStarted, TrialStart, parse_marker

SECONDS_A_LETTER = 35.5
ALPHABET = "THEQUICKBROWNFXJMPSVLAZYDG"


def recorded(minutes: float, folder: Path) -> Path:
    """Record a simulated calibration of so many minutes."""
    n_letters = max(1, round(60 * minutes / SECONDS_A_LETTER))
    word = "".join(ALPHABET[n % len(ALPHABET)] for n in range(n_letters))
    config = folder / "frames.toml"
    config.write_text(f'[presentation]\nwords = ["{word}"]\n')
    session = folder / "session"
    command = [sys.executable, "-m", "calibration", "record", "p300", "--simulate"]
    command += ["--config", str(config), "-o", str(session), "--json", "-"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(session.glob("*.xdf"))


def streams(recording: Path) -> tuple[NDArray[np.float64], list[tuple[str, float]]]:
    """Return the stamps of frames, and the markers with theirs."""
    found, _ = pyxdf.load_xdf(recording, synchronize_clocks=False, dejitter_timestamps=False)
    kinds = {stream["info"]["name"][0]: stream for stream in found}
    frames, markers = kinds["bci-online-frames"], kinds["bci-online-markers"]
    texts = [row[0] for row in markers["time_series"]]
    return np.asarray(frames["time_stamps"]), list(zip(texts, markers["time_stamps"], strict=True))


def figures(ms: NDArray[np.float64]) -> str:
    """Return the median, the 95th and 99th percentile and the largest."""
    return " / ".join(f"{value:.2f}" for value in np.percentile(ms, [50, 95, 99, 100]))


def against_grid(times: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """Return how much later than a grid's last line each time is, from -period / 4 on."""
    turns = np.exp(2j * np.pi * times / period)
    usual = np.angle(turns.mean()) / (2 * np.pi) * period
    error = (times - usual + period / 4) % period - period / 4
    return error - np.percentile(error, 1)


def rows(frames: NDArray[np.float64], markers: Sequence[tuple[str, float]]) -> list[str]:
    """Return the table's rows."""
    events = [(parse_marker(text), time) for text, time in markers]
    info = next(event.info for event, _ in events if isinstance(event, SessionStarted))
    period = 1000 / float(str(info["refresh_hz"]))
    n_frames = int(str(info["flash_frames"])) + int(str(info["gap_frames"]))
    error = against_grid(1000 * (frames - frames[0]), period)
    flashes = np.array([time for event, time in events if isinstance(event, Flash)])
    begun = [time for event, time in events if isinstance(event, TrialStart)]
    letter = np.searchsorted(begun, flashes)
    same = letter[1:] == letter[:-1]
    between = 1000 * np.diff(flashes)[same] - n_frames * period
    nearest = np.abs(frames[:, np.newaxis] - flashes).argmin(axis=0)
    apart = 1000 * (flashes - frames[nearest])
    notes = [event.what for event, _ in events if isinstance(event, Note)]
    late = sum(note.startswith("flash ") and "began" in note for note in notes)
    longest = 1000 * np.diff(frames)
    return [
        f"| frame against its grid | {figures(error)} | {(error > period / 2).sum()} late of "
        f"{frames.size} |",
        f"| frame to frame | {figures(longest)} | {(longest > 1.5 * period).sum()} longer than "
        "1.5 refreshes |",
        f"| flash to flash, from {n_frames * period:.1f} ms | {figures(np.abs(between))} | "
        f"{(between > period / 2).sum()} late of {flashes.size}; {late} flagged as two or more "
        "frames late |",
        f"| marker less frame | {figures(np.abs(apart))} | |",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--recording", type=Path)
    asked = parser.parse_args()
    before = os.getloadavg()[1]
    with tempfile.TemporaryDirectory() as folder:
        recording = asked.recording or recorded(asked.minutes, Path(folder))
        frames, markers = streams(recording)
    load = f"load {before:.1f} before, {os.getloadavg()[1]:.1f} behind; {os.cpu_count()} cores"
    print(f"{(frames[-1] - frames[0]) / 60:.1f} minutes; {load}\n")
    print("| ms | median / 95 % / 99 % / maximum | |")
    print("|---|---|---|")
    print("\n".join(rows(frames, markers)))


if __name__ == "__main__":
    main()
