"""`bci-online doctor --photodiode`: how long after its marker a flash is seen."""

from pathlib import Path

import numpy as np

from bci_online.commands.findings import Finding, show
from bci_online.config import read_config
from bci_online.errors import BciError
from bci_online.markers import Flash
from bci_online.preprocessing.photodiode import DisplayDelay, display_delay, edges
from bci_online.runtime.whole_recording import read_whole
from bci_online.translation import Translator

__all__ = ["measure_display"]

FEWEST = 50
STEADY_S = 0.004
MATCHED = 0.99


def measure_display(path: Path, channel: str, config_path: Path | None, as_json: bool) -> int:
    """Compare the photodiode's channel of a recording with its flash markers.

    Returns
    -------
    code : int
        1 where the delay cannot be told.

    Raises
    ------
    BciError
        If the recording cannot be read, or has no such channel or no flashes.
    """
    config = read_config(config_path)
    whole = read_whole(path, config)
    names = whole.spec.ch_names
    if channel not in names:
        raise BciError(
            f"--channel {channel}: not in stream {whole.spec.name!r}, which has {', '.join(names)}"
        )
    translator = Translator(config.markers.translate)
    flashes = [time for time, text in whole.events if isinstance(translator.read(text), Flash)]
    if not flashes:
        raise BciError(f"{path}: holds no flash marker; translate them with [[markers.translate]]")
    signal = np.asarray(whole.data[:, names.index(channel)], dtype=np.float64)
    changes = edges(signal, whole.times)
    return show(f"photodiode in {channel}", _findings(display_delay(np.array(flashes), changes)),
                as_json)  # fmt: skip


def _findings(of: DisplayDelay) -> list[Finding]:
    if of.matched < FEWEST:
        found = f"{of.matched} of {of.flashes} flashes have a change of light"
        to_do = (
            "set screen.photodiode to a corner, put the photodiode there, record some letters with "
            "its channel, and choose that with --channel; an amplifier that filters slow changes "
            "out of it cannot be used"
        )
        return [Finding("light", "FAIL", found, to_do)]
    mean, sd = 1000 * of.mean_s, 1000 * of.sd_s
    spread = f"{mean:.2f} ms, SD {sd:.2f} ms ({1000 * of.earliest_s:.1f}-{1000 * of.latest_s:.1f})"
    return [
        Finding(
            "delay",
            "OK",
            f"{spread} from marker to light, {of.matched} flashes",
            f"set markers.display_delay = {of.mean_s:.4f} and amplifier_delay = 0.0: light and EEG "
            "came through the same amplifier",
        ),
        Finding("steadiness", "OK", "latency verified")
        if of.sd_s <= STEADY_S
        else Finding(
            "steadiness",
            "look",
            f"SD {sd:.1f} ms",
            "close other windows, switch the compositor off, choose the native refresh rate",
        ),
        Finding("flashes", "OK", "every one was seen")
        if of.missed <= (1 - MATCHED) * of.flashes and of.extra <= (1 - MATCHED) * of.flashes
        else Finding(
            "flashes",
            "look",
            f"{of.missed} of {of.flashes} without a change of light, {of.extra} changes without a "
            "flash",
            "look at late frames of the session, and at the photodiode's threshold and place",
        ),
    ]
