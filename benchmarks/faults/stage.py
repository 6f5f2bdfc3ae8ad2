"""Where faults are tried: a folder, a simulated subject, its decoders, an LSL network."""

import argparse
import shutil
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from bci_online.config import Config, read_config
from bci_online.option_values import session_name
from bci_online.runtime.simulated_recording import write_recording
from bci_online.session.this_machine import only_this_machine
from benchmarks.faults.program import Program
from calibration.motor_imagery.training import train as train_imagery
from calibration.p300.training import train
from calibration.training_request import TrainingRequest

LETTERS = "BRAINWAVE"
RECORDING, READY_S = '"text":"recording"', 90.0
# A subject who answers each flash alike: what goes wrong is the fault's doing. The amplifier is
# the simulator's own, so the recording grows as in a session.
SPELLER = """\
[presentation]
flash_ms = 75.0
gap_ms = 50.0
repetitions = 4
cue_s = 0.5
decision_s = 0.5
pause_s = 0.5
words = ["BRAINWAVES"]
[stopping]
max_repetitions = 4
[simulation]
p300_uv = 20.0
latency_jitter_s = 0.0
amplitude_jitter = 0.0
blinks_per_min = 0.0
"""
IMAGERY = """\
paradigm = "motor_imagery"
[filter]
l_freq = 8.0
h_freq = 30.0
[window]
length = 1.0
step = 0.0625
[evidence]
tmin = 0.5
tmax = 2.25
[stopping]
error_rate = 0.2
[presentation]
classes = ["left_hand", "right_hand"]
trials_per_class = 12
[imagery]
cue = 0.25
feedback = 0.5
end = 2.25
outcome = 0.25
shortest_pause = 0.25
longest_pause = 0.5
[simulation]
ch_names = ["FC3", "FC4", "C3", "Cz", "C4", "CP3", "CP4"]
sfreq = 250.0
erd = 0.95
amplitude_jitter = 0.0
mu_uv = 12.0
"""


class Skipped(Exception):
    """A fault cannot be injected here; the page says so."""


class Stage:
    """Leaving it ends every program that was started on it.

    Parameters
    ----------
    folder : Path
        For decoders, which are made once, and for sessions.
    peer : Path, optional
        A Python interpreter that has mne-lsl.
    minutes, hours, real_minutes : float
        How long files are fuzzed, how much stream time passes, how long a real session takes.
    """

    def __init__(
        self,
        folder: Path,
        peer: Path | None = None,
        minutes: float = 10.0,
        hours: float = 24.0,
        real_minutes: float = 30.0,
    ) -> None:
        self.folder, self.peer = folder, peer
        self.minutes, self.hours, self.real_minutes = minutes, hours, real_minutes
        self.session = f"faults-{session_name()}"
        self._programs: list[Program] = []
        folder.mkdir(parents=True, exist_ok=True)

    @classmethod
    def of(cls, options: argparse.Namespace) -> Self:
        """Return the stage that a command line asks for."""
        long = (options.minutes, options.hours, options.real_minutes)
        return cls(options.folder.absolute(), options.peer and options.peer.absolute(), *long)

    def __enter__(self) -> Self:
        # The streams of amplifiers that stand outside of a session.
        only_this_machine(self.session)
        return self

    def __exit__(self, *_: object) -> None:
        self.end_all()

    def end_all(self) -> None:
        """End every program."""
        for program in self._programs:
            with suppress(OSError):
                program.end()
        self._programs.clear()

    def start(self, *arguments: object, **given: Any) -> Program:
        """Start a program, such as ``bci_online spell …``; `given` as `Program` takes it."""
        program = Program(*arguments, **given)
        self._programs.append(program)
        return program

    def empty(self, name: str) -> Path:
        """Return a folder that is empty."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    @cached_property
    def speller(self) -> Path:
        """The configuration of a brisk speller."""
        return self._written("speller.toml", SPELLER)

    @cached_property
    def imagery(self) -> Path:
        """The configuration of brisk imagery."""
        return self._written("imagery.toml", IMAGERY)

    def _written(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    @cached_property
    def recording(self) -> Path:
        """A recording of the subject, which no decoder has seen."""
        return self._recorded(read_config(self.speller), "SOUND", 5)

    @cached_property
    def decoder(self) -> Path:
        """A decoder of the subject's letters."""
        config = read_config(self.speller)
        return self._trained("speller", config, self._recorded(config, LETTERS, 2))

    @cached_property
    def imagery_decoder(self) -> Path:
        """A decoder of the subject's imagery."""
        config = read_config(self.imagery)
        return self._trained("imagery", config, self._recorded(config, "", 2))

    def _recorded(self, config: Config, word: str, seed: int) -> Path:
        path = self.folder / f"{config.paradigm}-{word or 'cues'}.xdf"
        if not path.exists():
            # A run that is stopped meanwhile leaves no half of it.
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                write_recording(config, word, Path(folder) / path.name, seed)
                (Path(folder) / path.name).rename(path)
        return path

    def _trained(self, name: str, config: Config, recording: Path) -> Path:
        path = self.folder / f"{name}.decoder"
        if not path.exists():
            is_speller = config.paradigm == "p300"
            asked = TrainingRequest(
                recordings=(recording,), method="lda" if is_speller else "csp-lda",
                config=config, output=path, evaluation=False,
            )  # fmt: skip
            (train if is_speller else train_imagery)(asked)
        return path

    def recording_session(self, command: str, folder: Path, word: str = "BRAINWAVES") -> Program:
        """Start a simulated session, and wait until it records.

        Raises
        ------
        Skipped
            Where it does not begin.
        """
        program = self.start(*self.arguments(command, folder, word))
        if program.wait_for(RECORDING, timeout=READY_S) is None:
            raise Skipped(f"the session did not begin: {program.text[-200:]}")
        return program

    def arguments(self, command: str, folder: Path, word: str = "BRAINWAVES") -> list[object]:
        """Return the command line of a simulated session in `folder`; `spell` copies `word`."""
        shared = ["--headless", "--json", "-", "-o", folder]
        simulated = ["--simulate", *shared]
        return {
            "record": ["calibration", "record", "p300", "--config", self.speller, *simulated],
            "spell": ["bci_online", "spell", "--copy", word, "--decoder", self.decoder,
                      "--config", self.speller, *simulated],
            "feedback": ["bci_online", "feedback", "--decoder", self.imagery_decoder, "--config",
                         self.imagery, *simulated],
            "demo": ["bci_online", "demo", "--word", "BCI", *shared],
        }[command]  # fmt: skip
