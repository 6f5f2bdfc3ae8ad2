"""`bci-online demo`: calibration, training and spelling without hardware."""

import json as json_text
import os
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from bci_online.commands.options import JsonLines
from bci_online.console import command_line, error_lines, plain
from bci_online.errors import BciError
from bci_online.option_values import parse_json, session_name

if TYPE_CHECKING:
    from bci_online.config import Config
    from bci_online.session.conductor import Observe, SessionPlan
    from bci_online.session.folder import SessionFolder
    from bci_online.session.summary import SessionSummary
    from bci_online.session_lines import SessionMessage
    from bci_online.terminal.session_output import SessionOutput

__all__ = ["demo"]


class DemoSummary(msgspec.Struct, frozen=True, kw_only=True, tag="summary"):
    """The results of the demo; ``training`` is the line of `bci-calibrate train`.

    Without a calibration there is neither that nor a training. ``first_letter_s`` counts from the
    start of the program.
    """

    word: str
    spelled: str
    error_rate: float
    repetitions: float | None
    max_repetitions: int
    training: dict[str, object] | None
    calibration: "SessionSummary | None"
    spelling: "SessionSummary"
    first_letter_s: float | None
    decoder: str
    recording: str
    seconds: float

    def row(self) -> dict[str, object]:
        """Return what a program reads; the sessions are as their own commands write them."""
        row: dict[str, object] = msgspec.to_builtins(self)
        row["spelling"] = self.spelling.row()
        if self.calibration is not None:
            row["calibration"] = self.calibration.row()
        return row


class Paradigm(StrEnum):
    """What a demo shows."""

    p300 = "p300"


def demo(
    word: Annotated[str, typer.Option(help="what the simulated subject spells")] = "BCI",
    paradigm: Annotated[Paradigm, typer.Option(help="what is shown")] = Paradigm.p300,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="recordings and decoder go into a folder in it")
    ] = Path("demo-output"),
    headless: Annotated[
        bool, typer.Option("--headless", help="lines instead of a picture")
    ] = False,
    json: JsonLines = "",
    no_calibration: Annotated[
        bool, typer.Option("--no-calibration", help="spell at once, without any calibration")
    ] = False,
) -> None:
    """Calibrate, train and spell a word with a simulated subject: all live, all recorded."""
    began = time.monotonic()
    as_json = parse_json(json)
    from bci_online.session.conductor import conduct
    from bci_online.session.this_machine import only_this_machine
    from bci_online.terminal.session_output import SessionOutput

    word, name, config = word.upper(), session_name(), _config()
    only_this_machine(name)
    _check(word, config)
    folder = _free(output)
    show = SessionOutput(headless=headless, as_json=as_json)
    # Without a window the screen is drawn into pictures, which are kept.
    in_window = not headless and _has_display()
    screen = () if in_window else ("--pictures", str(folder / "pictures"))
    calibrated = trained = decoder = None
    if no_calibration:
        config = _at_once(config)
    else:
        decoder, calibrated, trained = _calibrated(show, name, folder, config, screen)
        config = _on_another_day(config, decoder)
    spelling = _plan(f"{name}-spelling", folder, config, (word,), screen, decoder, spells=True)
    first, how = _FirstLetter(), "without any calibration" if no_calibration else "dynamic stopping"
    with show.session(f"spelling {word}, {how}", spelling) as observe:
        spelled = conduct(spelling, first.noticed(observe))
    summary = DemoSummary(
        word=word,
        spelled="" if spelled.screen is None else spelled.screen.spelled,
        error_rate=config.stopping.error_rate,
        repetitions=_repetitions(spelled, config),
        max_repetitions=config.stopping.max_repetitions,
        training=trained,
        calibration=calibrated,
        spelling=spelled,
        first_letter_s=None if first.time is None else round(first.time - began, 1),
        decoder=str(decoder or spelling.folder.decoder),
        recording=str(spelling.folder.recording),
        seconds=round(time.monotonic() - began, 1),
    )
    _show(show, summary)


def _calibrated(
    show: "SessionOutput", name: str, folder: Path, config: "Config", screen: tuple[str, ...]
) -> tuple[Path, "SessionSummary", dict[str, object]]:
    """Record a calibration and train on it; return the decoder, and what both say."""
    from bci_online.session.conductor import conduct

    plan = _plan(f"{name}-calibration", folder, config, config.presentation.words, screen)
    with show.session("calibration: the subject copies a word", plan) as observe:
        calibrated = conduct(plan, observe)
    show.say("training the decoder in a separate process")
    decoder = folder / "demo.decoder"
    return decoder, calibrated, _trained(plan.folder, decoder)


class _FirstLetter:
    """Notices when the first letter is decided."""

    def __init__(self) -> None:
        self.time: float | None = None

    def noticed(self, observe: "Observe") -> "Observe":
        """Return `observe`, which also notes the time."""
        from bci_online.messages import DecisionLine

        def both(message: "SessionMessage") -> None:
            if self.time is None and isinstance(message, DecisionLine) and message.value:
                self.time = time.monotonic()
            observe(message)

        return both


def _config() -> "Config":
    from bci_online.config import Config, Presentation, Simulation, Stopping

    # A fast speller and three letters to learn from: the simulated subject does not tire, and the
    # viewer has little time.
    speller = Presentation(
        flash_ms=75.0, gap_ms=50.0, repetitions=4, cue_s=0.7, decision_s=0.8, pause_s=0.5,
        words=("ERP",),
    )  # fmt: skip
    return Config(
        presentation=speller,
        stopping=Stopping(error_rate=0.01, max_repetitions=12),
        # At this pace responses overlap: such a subject's single flashes have an AUC of 0.9.
        simulation=Simulation(p300_uv=18.0),
    )


def _at_once(config: "Config") -> "Config":
    """Return `config` for letters that nothing was learnt for: they need some repetitions more."""
    import msgspec

    from bci_online.config import Stopping

    return msgspec.structs.replace(config, stopping=Stopping())


def _on_another_day(config: "Config", decoder: Path) -> "Config":
    """Return `config` with what the decoder says, and other noise of the same subject."""
    import msgspec

    from bci_online.decoding.decoder_file import read_decoder
    from bci_online.session.config import as_decoded

    subject = msgspec.structs.replace(config.simulation, seed=2)
    config = msgspec.structs.replace(config, simulation=subject)
    return as_decoded(config, read_decoder(decoder).header)


def _plan(
    name: str,
    folder: Path,
    config: "Config",
    words: tuple[str, ...],
    screen: tuple[str, ...],
    decoder: Path | None = None,
    *,
    spells: bool = False,
) -> "SessionPlan":
    from bci_online.session.conductor import SessionPlan
    from bci_online.session.folder import SessionFolder

    task = "spelling" if spells else "calibration"
    return SessionPlan(
        name=name,
        folder=SessionFolder(folder / task, task=task),
        config=config,
        decoder=decoder,
        no_calibration=spells and decoder is None,
        mode="copy" if spells else "calibration",
        words=words,
        seed=config.simulation.seed,
        simulate=True,
        screen=screen,
    )


def _has_display() -> bool:
    shows = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in shows)


def _free(output: Path) -> Path:
    """Return the first numbered folder that is not there: no recording is ever replaced."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        number = 1
        while (folder := output / f"{number:02d}").exists():
            number += 1
        folder.mkdir()
    except OSError as error:
        raise BciError(f"--output {output}: cannot be made: {error.strerror}") from error
    return folder


def _check(word: str, config: "Config") -> None:
    known = {symbol for row in config.layout.rows for symbol in row}
    if not word:
        raise BciError("--word is empty; the matrix has A-Z, 1-9 and _")
    if missing := sorted(set(word) - known):
        raise BciError(
            f"--word {word}: the matrix has no {' '.join(missing)}; it has A-Z, 1-9 and _"
        )


def _trained(folder: "SessionFolder", decoder: Path) -> dict[str, object]:
    """Train as a user would, and return the training's description of the decoder."""
    command = [sys.executable, "-m", "calibration", "train", str(folder.recording)]
    command += ["--config", str(folder.whole_config), "--output", str(decoder)]
    command += ["--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = error_lines(done.stderr) or ["it gave no reason"]
        raise BciError(f"training failed: {errors[-1]}")
    summary: dict[str, object] = json_text.loads(done.stdout.splitlines()[-1])
    return summary


def _repetitions(summary: "SessionSummary", config: "Config") -> float | None:
    """Return the mean number of repetitions of a letter; None where no letter was shown."""
    screen = summary.screen
    if screen is None or not screen.trials:
        return None
    return round(screen.flashes / len(config.layout.symbols_of_code) / screen.trials, 2)


def _first_letter(summary: DemoSummary) -> list[str]:
    if summary.first_letter_s is None:
        return []
    return [f"the first letter was spelled {summary.first_letter_s:.0f} s after the start"]


def _show(show: "SessionOutput", summary: DemoSummary) -> None:
    saved = f"{summary.repetitions} repetitions of {summary.max_repetitions}"
    pictures = Path(summary.decoder).with_name("pictures")
    replay = "bci-online", "replay", summary.recording, "--decoder", summary.decoder
    show.summary(
        summary.row(),
        f"spelled {plain(summary.spelled)} with {saved} a letter, at a stated error rate "
        f"of {100 * summary.error_rate:g} %",
        *_first_letter(summary),
        *([f"what the subject saw is in {pictures}"] if pictures.is_dir() else []),
        f"recorded in {summary.recording}; to decide it once more:",
        f"  {command_line(*replay)}",
    )
