"""`bci-online part ROLE`: the processes of a session, started by the one that the user started."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bci_online.commands.options import SessionName, StreamsConfig
from bci_online.commands.panel import Mains
from bci_online.console import json_line, note, plain
from bci_online.errors import BciError

if TYPE_CHECKING:
    from bci_online.config import Config
    from bci_online.gui.bridge import ScreenLink
    from bci_online.messages import Message
    from bci_online.paradigms.p300.presentation import Mode
    from bci_online.summaries import ScreenSummary, Summary

__all__ = ["app"]

app = typer.Typer(hidden=True, pretty_exceptions_enable=False, rich_markup_mode=None)

ConfigFile = Annotated[Path, typer.Option("--config")]
SummaryFile = Annotated[Path, typer.Option("--summary")]
# Beyond the filter's settling, whose length hardly depends on the sampling rate.
LEAD_S = 0.5


@app.command()
def player(
    recording: Path,
    config: StreamsConfig = None,
    speed: Annotated[float, typer.Option()] = 1.0,
    session: SessionName = "",
) -> None:
    """Play a recording to its end."""
    from bci_online.commands.play import play_recording
    from bci_online.session.parent import end_with_parent

    # It has nothing to keep, so it ends at once and without a message.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    play_recording(recording, config, speed, session, with_bar=False)


@app.command()
def amplifier(
    session: str,
    config: Annotated[Path | None, typer.Option("--config")] = None,
    source: Annotated[str, typer.Option()] = "",
    marks: Annotated[bool, typer.Option("--marks")] = False,
) -> None:
    """Send a session's EEG into LSL: that of an amplifier without LSL, else simulated.

    With ``--marks`` the events of that amplifier are the session's markers.
    """
    _end_when_asked()
    if source:
        from bci_online.commands.bodies.amplifier import forward_source

        forward_source(source, session, marks=marks)
    else:
        from bci_online.commands.simulate import stream_simulation

        stream_simulation(config, session, None)


@app.command()
def engine(
    session: str,
    config: ConfigFile,
    summary: SummaryFile,
    decoder: Annotated[Path | None, typer.Option()] = None,
    no_calibration: Annotated[Path | None, typer.Option()] = None,
    errp: Annotated[Path | None, typer.Option()] = None,
    start: Annotated[Path | None, typer.Option()] = None,
    after: Annotated[list[Path] | None, typer.Option()] = None,
    given: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Decode a session; without a decoder only its signal is checked.

    With ``--no-calibration FILE`` it spells without one, and writes into FILE how; ``--start`` is
    what earlier sessions say. Recordings of ``--after`` are read by the configuration that the user
    gave: they hold no stream of this run.
    """
    from bci_online.config import read_config
    from bci_online.decoding.decoder_file import read_decoder
    from bci_online.runtime.earlier_runs import carried_over
    from bci_online.runtime.live import LiveRun, decode
    from bci_online.runtime.no_calibration import read_start
    from bci_online.session.parent import beat

    _end_when_asked()
    streams = read_config(config)
    loaded = None if decoder is None else read_decoder(decoder)
    carried = ""
    if loaded is not None and after:
        whole = read_config(given)
        # A configuration without a table leaves that of the decoder in use.
        table = whole.markers if whole.markers.translate else None
        carried = carried_over(loaded, after, whole, table)
    run = LiveRun(
        config=streams,
        session=session,
        markers=streams.markers,
        uncalibrated=no_calibration,
        start=None if start is None else read_start(start),
        carried=carried,
        errp=None if errp is None else read_decoder(errp),
    )
    decode(loaded, run, _Log(summary), beat=beat)


@app.command()
def screen(
    session: str,
    config: ConfigFile,
    summary: SummaryFile,
    mode: Annotated[str, typer.Option()],
    seed: Annotated[int, typer.Option()],
    done: Annotated[int, typer.Option()] = 0,
    word: Annotated[list[str] | None, typer.Option()] = None,
    wish: Annotated[str, typer.Option()] = "",
    undoes: Annotated[bool, typer.Option("--undoes")] = False,
    headless: Annotated[bool, typer.Option("--headless")] = False,
    pictures: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Show a session to its subject.

    With ``--pictures`` it is drawn into memory, and each state becomes an image in that folder.
    """
    from bci_online.acquisition.lsl import local_clock
    from bci_online.config import read_config
    from bci_online.gui.frames.headless import run_headless
    from bci_online.session.parent import end_with_parent

    def link_for(config: "Config") -> "ScreenLink":
        link = _screen_link(session, config, mode, word or [], wish, seed, done, undoes)
        end_with_parent(lambda: link.command("abort"))
        return link

    shown = read_config(config)
    if headless:
        with closing(link_for(shown)) as link:
            # Not an exception: the last frame still has to say that the session is over.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: link.command("abort"))
            run_headless(link, shown.presentation.refresh_hz, local_clock)
            locked = False
    else:
        link, locked = _in_window(shown, link_for, pictures)
    result = link.summary(frames_locked=locked)
    _write(summary, result)
    if mode == "free" and shown.language.own_text:
        _keep(shown.language.own_text, result.spelled)


@app.command()
def panel(session: str, mains: Mains = 50.0) -> None:
    """Run the operator's panel."""
    from bci_online.commands.bodies.panel_window import show_panel

    show_panel(session, mains, with_parent=True)


@app.command()
def monitors() -> None:
    """Say what the monitors are, and how evenly they show frames."""
    from bci_online.gui.frames.monitors import monitors as probed

    for monitor in probed():
        sys.stdout.write(json_line(monitor))
        sys.stdout.flush()


def _screen_link(
    session: str,
    config: "Config",
    mode: str,
    words: list[str],
    wish: str,
    seed: int,
    done: int,
    undoes: bool,
) -> "ScreenLink":
    """Return what is shown, joined to the session's streams; parameters as in `SessionPlan`."""
    from bci_online.gui.bridge import ScreenLink
    from bci_online.paradigms.motor_imagery.presentation import GrazPresentation
    from bci_online.paradigms.p300.answer_presentation import AnswerPresentation
    from bci_online.paradigms.p300.presentation import P300Presentation
    from bci_online.paradigms.p300.undoing_presentation import UndoingPresentation
    from bci_online.preprocessing.settling import settling_seconds
    from bci_online.session.parent import beat

    lead_s = settling_seconds(config.filter) + LEAD_S
    if config.paradigm == "motor_imagery":
        gives = mode == "feedback"
        graz = GrazPresentation(config, feedback=gives, seed=seed, lead_s=lead_s, done=done)
        return ScreenLink(session, graz, decides=gives, follows=gives, beat=beat)
    if mode == "errp":
        answers = AnswerPresentation(config, seed=seed, lead_s=lead_s, done=done)
        return ScreenLink(session, answers, decides=False, beat=beat)
    speller = UndoingPresentation if undoes else P300Presentation
    spelled = cast("Mode", mode)
    shown = speller(config, spelled, words, wish=wish, seed=seed, lead_s=lead_s, done=done)
    return ScreenLink(session, shown, decides=mode != "calibration", beat=beat)


def _in_window(
    config: "Config", link_for: "Callable[[Config], ScreenLink]", pictures: Path | None
) -> "tuple[ScreenLink, bool]":
    """Show it in a window; return the closed link, and whether frames followed the display."""
    import msgspec

    from bci_online.acquisition.lsl import local_clock

    if pictures is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # Qt reads the variable when it is loaded.
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
    """What a session's engine writes down: no letters, because the log must not hold them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, text: str) -> None:
        """Write a note."""
        note(text)

    def message(self, message: "Message", row: object) -> None:
        """Write messages other than decisions."""
        from bci_online.messages import Decision, Journal, Reconsidered

        if not isinstance(message, Decision | Reconsidered) and not (
            isinstance(message, Journal) and message.kind == "reread"
        ):
            sys.stderr.write(f"{plain(str(message))}\n")

    def summary(self, summary: "Summary") -> None:
        """Write the summary file."""
        _write(self._path, summary)


def _write(path: Path, summary: "Summary | ScreenSummary") -> None:
    import msgspec

    from bci_online.atomic_write import write_atomically

    try:
        write_atomically(path, msgspec.json.encode(summary))
    except OSError as error:
        # The recording has all of it; the session's end must not fail for this.
        note(f"{path}: cannot be written: {error.strerror}")


def _keep(name: str, text: str) -> None:
    from bci_online.own_text import add_own_text

    try:
        add_own_text(name, text)
    except BciError as error:
        # The session is over and recorded, and its text is in the recording.
        note(str(error))


def _end_when_asked() -> None:
    """Let SIGTERM end this process in order, as Ctrl-C does; the end of its parent does so too.

    Without this, SIGTERM ends it at once and without a message.
    """
    from bci_online.session.parent import end_with_parent

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
