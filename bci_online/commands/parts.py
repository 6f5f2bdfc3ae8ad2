"""The processes of a session: what `bci-online part ROLE` does for the one that started it."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import msgspec

from bci_online.acquisition.lsl import local_clock
from bci_online.commands.streaming import play_recording, stream_simulation
from bci_online.config import Config, read_config
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.gui.bridge import ScreenLink
from bci_online.gui.frames.headless import run_headless
from bci_online.messages import Decision, Message
from bci_online.paradigms.motor_imagery.presentation import GrazPresentation
from bci_online.paradigms.p300.presentation import Mode, P300Presentation
from bci_online.preprocessing.filters import FilterBank
from bci_online.runtime.assembly import load_decoder
from bci_online.runtime.live import decode
from bci_online.session.processes import end_with_parent
from bci_online.summaries import ScreenSummary, Summary

__all__ = ["be_amplifier", "be_engine", "be_player", "be_screen"]

# Beyond the filter's settling, whose length hardly depends on the sampling rate.
LEAD_S = 0.5
USUAL_SFREQ = 256.0


def be_amplifier(session: str, config_path: Path) -> None:
    """Be the simulated amplifier of a session until it is ended."""
    _end_like_ctrl_c()
    stream_simulation(config_path, session, None)


def be_player(path: Path, config_path: Path | None, speed: float, session: str) -> None:
    """Play a recording to its end, for the one who started this."""
    # It has nothing to keep, so a Ctrl-C ends it at once and without a word, wherever it is.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _end_like_ctrl_c()
    play_recording(path, config_path, speed, session, with_bar=False)


def be_engine(session: str, config_path: Path, decoder_path: Path | None, summary: Path) -> None:
    """Decode a session, or watch a calibration; leave the figures in the file `summary`."""
    _end_like_ctrl_c()
    config = read_config(config_path)
    decoder = None if decoder_path is None else load_decoder(decoder_path)
    decode(decoder, config, session, _Log(summary))


def be_screen(
    session: str,
    config_path: Path,
    summary: Path,
    *,
    mode: str,
    words: Sequence[str],
    wish: str,
    seed: int,
    headless: bool,
    pictures: Path | None,
) -> None:
    """Show a session to its subject; leave the figures in the file `summary`.

    Parameters
    ----------
    session : str
        Whose streams.
    config_path : Path
        All that is shown, and how.
    summary : Path
        The file to write.
    mode, words, wish, seed
        As `P300Presentation` has them; with motor imagery there are no words, and the mode is
        ``calibration`` or ``feedback``.
    headless : bool
        No window at all.
    pictures : Path or None
        A folder that gets an image of each state: then it is drawn into memory alone.

    Raises
    ------
    BciError
        If the screen cannot show this, or the subject leaves before anything flashes.
    """
    config = read_config(config_path)

    def link_for(config: Config) -> ScreenLink:
        lead_s = FilterBank(config.filter, USUAL_SFREQ).settling / USUAL_SFREQ + LEAD_S
        shown: P300Presentation | GrazPresentation
        if config.paradigm == "motor_imagery":
            gives = mode == "feedback"
            shown = GrazPresentation(config, feedback=gives, seed=seed, lead_s=lead_s)
            link = ScreenLink(session, shown, decides=gives, follows=gives)
        else:
            shown = P300Presentation(
                config, cast(Mode, mode), words, wish=wish, seed=seed, lead_s=lead_s
            )
            link = ScreenLink(session, shown, decides=mode != "calibration")
        end_with_parent(lambda: link.command("abort"))
        return link

    if headless:
        with closing(link_for(config)) as link:
            # Not an exception: the last frame still has to say that the session is over.
            signal.signal(signal.SIGINT, lambda number, frame: link.command("abort"))
            run_headless(link, config.presentation.refresh_hz, local_clock)
            locked = False
    else:
        link, locked = _in_window(config, link_for, pictures)
    _write(summary, link.summary(frames_locked=locked))


def _in_window(
    config: Config, link_for: Callable[[Config], ScreenLink], pictures: Path | None
) -> tuple[ScreenLink, bool]:
    """Show it in a window; return the link, closed, and whether frames kept to the display."""
    # Qt is not needed by those who need no window.
    if pictures is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from bci_online.gui.frames.display import Display
    from bci_online.gui.subject.screen import DECLINED, run_imagery, run_speller

    with Display(config.screen, config.presentation.refresh_hz, local_clock) as display:
        # Flashes count the display's own frames, and the session's start says so.
        own = msgspec.structs.replace(config.presentation, refresh_hz=display.refresh_hz)
        config = msgspec.structs.replace(config, presentation=own)
        with closing(link_for(config)) as link:
            if config.paradigm == "motor_imagery":
                run_imagery(link, config, display, pictures=pictures)
                return link, display.locked
            code = run_speller(link, config, local_clock, display=display, pictures=pictures)
        if code == DECLINED:
            raise BciError("the subject left before anything was shown")
        return link, display.locked


class _Log:
    """What a session's engine writes down: no letter, for the log is no place for them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, text: str) -> None:
        """Write a note."""
        sys.stderr.write(f"note: {plain(text)}\n")

    def message(self, message: Message, row: object) -> None:
        """Write what is no decision."""
        if not isinstance(message, Decision):
            sys.stderr.write(f"{plain(str(message))}\n")

    def summary(self, summary: Summary) -> None:
        """Leave the figures."""
        _write(self._path, summary)


def _write(path: Path, summary: Summary | ScreenSummary) -> None:
    path.write_bytes(msgspec.json.encode(summary))


def _end_like_ctrl_c() -> None:
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGINT))
