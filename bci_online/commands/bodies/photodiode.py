"""`bci-online doctor --photodiode`: how long after its marker a flash is visible."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np

from bci_online.config import Config, MarkerStream, read_config
from bci_online.console import note, plain
from bci_online.errors import BciError
from bci_online.markers import Flash
from bci_online.messages import Status
from bci_online.option_values import session_name
from bci_online.preprocessing.photodiode import DisplayDelay, display_delay, edges
from bci_online.runtime.whole_recording import read_whole
from bci_online.session.conductor import SessionPlan, conduct
from bci_online.session.folder import SessionFolder
from bci_online.session_lines import SessionMessage
from bci_online.terminal.findings import Finding, show
from bci_online.translation import Translator

__all__ = ["flash_and_measure", "measure_display"]

FEWEST = 50
STEADY_S = 0.004
MATCHED = 0.99


def measure_display(path: Path, channel: str, config_path: Path | None, as_json: bool) -> int:
    """Compare the photodiode's channel of a recording with its flash markers.

    Parameters
    ----------
    path : Path
        XDF file of a session with a photodiode.
    channel : str
        Name of the photodiode's channel.
    config_path : Path or None
        How streams and markers are read.
    as_json : bool
        JSON lines instead of text.

    Returns
    -------
    code : int
        1 where the delay cannot be measured.

    Raises
    ------
    BciError
        If the recording cannot be read, or has no such channel or no flashes.

    See Also
    --------
    bci_online.preprocessing.photodiode.display_delay : Compares flashes and light.
    """
    return _measured(path, channel, read_config(config_path), as_json)


def flash_and_measure(channel: str, config_path: Path | None, folder: Path, as_json: bool) -> int:
    """Flash the patch on the subject's screen for half a minute, and compare what was recorded.

    Parameters
    ----------
    channel : str
        Channel of the EEG stream to which the photodiode is connected.
    config_path : Path or None
        Which stream, and which screen; a patch that is off is put at the bottom left.
    folder : Path
        Folder that holds the recording while it is measured.
    as_json : bool
        Lines of JSON for a program.

    Returns
    -------
    code : int
        1 where the delay cannot be measured.

    Raises
    ------
    BciError
        If the session cannot be held, or the EEG stream has no such channel.

    See Also
    --------
    measure_display : Measures a recording that is there.
    """
    config = _flashing(read_config(config_path))
    corner = config.screen.photodiode.replace("-", " ")
    note(f"put the photodiode into the {corner} corner of the screen")
    with TemporaryDirectory(prefix="photodiode-", dir=folder) as place:
        plan = SessionPlan(
            name=session_name(),
            folder=SessionFolder(Path(place), task="photodiode"),
            config=config,
            words=config.presentation.words,
        )
        conduct(plan, _say)
        own = msgspec.structs.replace(config, markers=MarkerStream())
        return _measured(plan.folder.recording, channel, own, as_json)


def _flashing(config: Config) -> Config:
    """Return `config` with one letter to flash, and a patch."""
    single = [symbol for row in config.layout.rows for symbol in row if len(symbol) == 1]
    if config.paradigm != "p300" or not single:
        raise BciError("--flash needs a speller's configuration, with a letter in its matrix")
    corner = "bottom-left" if config.screen.photodiode == "off" else config.screen.photodiode
    return msgspec.structs.replace(
        config,
        presentation=msgspec.structs.replace(config.presentation, words=(single[0],)),
        screen=msgspec.structs.replace(config.screen, photodiode=corner),
    )


def _say(message: SessionMessage) -> None:
    if isinstance(message, Status):
        sys.stderr.write(f"{message.level}: {plain(message.text)}\n")


def _measured(path: Path, channel: str, config: Config, as_json: bool) -> int:
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
        Finding("flashes", "OK", "every flash was seen")
        if of.missed <= (1 - MATCHED) * of.flashes and of.extra <= (1 - MATCHED) * of.flashes
        else Finding(
            "flashes",
            "look",
            f"{of.missed} of {of.flashes} without a change of light, {of.extra} changes without a "
            "flash",
            "look at late frames of the session, and at the photodiode's threshold and place",
        ),
    ]
