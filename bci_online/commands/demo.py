"""`bci-online demo`: the whole of it without hardware."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from bci_online.commands.session_showing import SessionShowing
from bci_online.config import Config, Presentation, Simulation, Stopping
from bci_online.console import plain
from bci_online.errors import BciError
from bci_online.runtime.assembly import load_decoder
from bci_online.runtime.publisher import session_name
from bci_online.session.conductor import SessionPlan, as_decoded, conduct
from bci_online.session.folder import SessionFolder
from bci_online.session.processes import only_this_machine
from bci_online.session.summary import SessionSummary

__all__ = ["run_demo"]

# A fast speller: a simulated subject does not tire, and who watches has little time.
SPELLER = Presentation(
    flash_ms=75.0, gap_ms=50.0, repetitions=10, cue_s=1.0, decision_s=1.0, pause_s=1.0,
    words=("BRAIN",),
)  # fmt: skip
# At this pace responses overlap: such a subject's single flashes have an AUC of 0.83.
SUBJECT = Simulation(p300_uv=10.5)
STOPPING = Stopping(error_rate=0.01, max_repetitions=12)


class DemoSummary(msgspec.Struct, frozen=True, kw_only=True, tag="summary"):
    """What the demo came to; sessions and training as they are written by their own commands."""

    word: str
    spelled: str
    error_rate: float
    repetitions: float | None
    max_repetitions: int
    training: dict[str, Any]
    calibration: dict[str, Any]
    spelling: dict[str, Any]
    decoder: str
    recording: str
    seconds: float


def run_demo(word: str, output: Path, *, headless: bool, as_json: bool) -> None:
    """Calibrate, train and spell with the simulated amplifier, all over LSL, all recorded.

    Raises
    ------
    BciError
        If the word has a symbol that the matrix lacks, or a session or the training fails.
    """
    name = session_name()
    only_this_machine(name)
    config = Config(presentation=SPELLER, stopping=STOPPING, simulation=SUBJECT)
    _check(word, config)
    folder = _free(output)
    began = time.monotonic()
    show = SessionShowing(headless=headless, as_json=as_json)
    # Where nobody sees the screen it is drawn all the same, and kept.
    in_window = not headless and _has_display()
    screen = () if in_window else ("--pictures", str(folder / "pictures"))
    calibration = _plan(f"{name}-calibration", folder, config, SPELLER.words, screen)
    with show.session("calibration: the subject copies a word", calibration) as observe:
        calibrated = conduct(calibration, observe)
    show.say("training the decoder in a process of its own")
    decoder = folder / "demo.decoder"
    trained = _trained(calibration.folder, decoder)
    # The same subject on another day would have other noise.
    config = msgspec.structs.replace(config, simulation=msgspec.structs.replace(SUBJECT, seed=2))
    config = as_decoded(config, load_decoder(decoder).header)
    spelling = _plan(f"{name}-spelling", folder, config, (word,), screen, decoder)
    with show.session(f"spelling {word}, dynamic stopping", spelling) as observe:
        spelled = conduct(spelling, observe)
    _show(
        show,
        DemoSummary(
            word=word,
            spelled="" if spelled.screen is None else spelled.screen.spelled,
            error_rate=config.stopping.error_rate,
            repetitions=_repetitions(spelled, config),
            max_repetitions=config.stopping.max_repetitions,
            training=trained,
            calibration=calibrated.row(),
            spelling=spelled.row(),
            decoder=str(decoder),
            recording=str(spelling.folder.recording),
            seconds=round(time.monotonic() - began, 1),
        ),
    )


def _plan(
    name: str,
    folder: Path,
    config: Config,
    words: tuple[str, ...],
    screen: tuple[str, ...],
    decoder: Path | None = None,
) -> SessionPlan:
    task = "calibration" if decoder is None else "spelling"
    return SessionPlan(
        name=name,
        folder=SessionFolder(folder / task, task=task),
        config=config,
        decoder=decoder,
        mode="calibration" if decoder is None else "copy",
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


def _check(word: str, config: Config) -> None:
    known = {symbol for row in config.layout.rows for symbol in row}
    missing = sorted(set(word) - known)
    if missing or not word:
        raise BciError(
            f"--word {word}: the matrix has no {' '.join(missing) or 'word without letters'}; "
            "it has A-Z, 1-9 and _"
        )


def _trained(folder: SessionFolder, decoder: Path) -> dict[str, Any]:
    """Train as a user would, and return what training says of the decoder."""
    command = [sys.executable, "-m", "calibration", "train", str(folder.recording)]
    command += ["--config", str(folder.whole_config), "--method", "lda"]
    command += ["--output", str(decoder), "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        raise BciError(f"training failed: {said[-1][7:] if said else 'without a word'}")
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def _repetitions(summary: SessionSummary, config: Config) -> float | None:
    """Return the mean number of repetitions of a letter; None where no letter was shown."""
    screen = summary.screen
    if screen is None or not screen.trials:
        return None
    return round(screen.flashes / len(config.layout.symbols_of_code) / screen.trials, 2)


def _show(show: SessionShowing, summary: DemoSummary) -> None:
    saved = f"{summary.repetitions} repetitions of {summary.max_repetitions}"
    pictures = Path(summary.decoder).with_name("pictures")
    show.summary(
        msgspec.to_builtins(summary),
        f"spelled {plain(summary.spelled)} with {saved} a letter, at a stated error rate "
        f"of {100 * summary.error_rate:g} %",
        *([f"what the subject saw is in {pictures}"] if pictures.is_dir() else []),
        f"recorded in {summary.recording}; to decide it once more:",
        f"  bci-online replay {summary.recording} --decoder {summary.decoder}",
    )
