"""The options of a recorded session, and the plan that follows from them."""

import secrets
from pathlib import Path
from typing import cast
from zlib import crc32

import msgspec

from bci_online.commands.resumption import Resumption
from bci_online.config import Config
from bci_online.option_values import session_name
from bci_online.paradigms.p300.answer_presentation import AnswerPresentation, answer_trial_s
from bci_online.paradigms.p300.presentation import Mode, P300Presentation
from bci_online.paradigms.session_length import imagery_session_s, speller_session_s
from bci_online.session.conductor import SessionMode, SessionPlan
from bci_online.session.folder import SessionFolder
from bci_online.session.this_machine import only_this_machine
from bci_online.terminal.session_output import SessionOutput

__all__ = ["SessionRequest"]


class SessionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session is recorded, of which subject, and how it is shown.

    Parameters
    ----------
    output : Path
        A folder for the recording and all that belongs to it; must not hold a recording.
    config_path : Path or None
        File of the configuration.
    subject, session, run
        As `SessionFolder` has them; never a name.
    simulate : bool
        With the simulated amplifier and subject, on this machine alone.
    headless : bool
        Without windows.
    accept_quality : str
        Why to begin with electrodes that are not good; empty: the operator is asked.
    as_json : bool
        Lines of JSON for a program.
    steered : bool
        As `SessionPlan` has it.
    """

    output: Path
    config_path: Path | None
    subject: str
    session: str
    run: int
    simulate: bool
    headless: bool
    accept_quality: str
    as_json: bool
    steered: bool = False

    def plan(
        self,
        config: Config,
        task: str,
        mode: SessionMode,
        *,
        words: tuple[str, ...] = (),
        wish: str = "",
        decoder: Path | None = None,
        after: tuple[Path, ...] = (),
        resumed: Resumption | None = None,
    ) -> SessionPlan:
        """Return the plan of a session under a unique name, of the rest of one if it is `resumed`.

        Raises
        ------
        BciError
            If subject, session or run cannot be part of a file's name, or the screen could not show
            this: said before a folder is made or a process started.
        """
        if mode == "errp":
            AnswerPresentation(config)
        elif config.paradigm == "p300":
            # As the screen's process will make it.
            P300Presentation(config, cast(Mode, mode), words, wish=wish)
        name = session_name()
        if self.simulate:
            only_this_machine(name)
        folder = SessionFolder(
            self.output, subject=self.subject, session=self.session, task=task, run=self.run
        )
        if resumed is not None:
            folder = resumed.folder
        if self.simulate:
            config = _with_own_noise(config, folder, mode)
        # People get another order each time; a simulated session can be repeated.
        seed = config.simulation.seed if self.simulate else secrets.randbelow(2**31)
        done = 0
        if resumed is not None:
            done = resumed.done
            seed = seed if resumed.seed is None else resumed.seed
        return SessionPlan(
            name=name,
            folder=folder,
            config=config,
            config_path=self.config_path,
            decoder=decoder,
            after=after,
            mode=mode,
            words=words,
            wish=wish,
            seed=seed,
            done=done,
            simulate=self.simulate,
            planned_s=_planned_s(config, mode, words, done),
            screen=("--headless",) if self.headless else (),
            steered=self.steered,
        )

    def session_output(self) -> SessionOutput:
        """Return the output that shows the session to a person or a program."""
        return SessionOutput(
            headless=self.headless, as_json=self.as_json, accept_quality=self.accept_quality
        )


def _with_own_noise(config: Config, folder: SessionFolder, mode: SessionMode) -> Config:
    """Return `config` with the noise of this run alone.

    A decoder that had learnt the very noise in which it spells would seem better than it is. The
    same run of the same session is the same again.
    """
    run = f"{folder.recording.name} {mode}"
    seed = config.simulation.seed + crc32(run.encode())
    subject = msgspec.structs.replace(config.simulation, seed=seed % (1 << 63))
    return msgspec.structs.replace(config, simulation=subject)


def _planned_s(
    config: Config, mode: SessionMode, words: tuple[str, ...], done: int
) -> float | None:
    """Return how long a session will take in seconds; None in free spelling."""
    if mode == "errp":
        return (config.presentation.answers - done) * answer_trial_s(config)
    if config.paradigm == "motor_imagery":
        shown = config.presentation
        left = 1 - done / (len(shown.classes) * shown.trials_per_class)
        return left * imagery_session_s(config, feedback=mode == "feedback")
    is_calibration = mode == "calibration"
    n = config.presentation.repetitions if is_calibration else config.stopping.max_repetitions
    n_letters = sum(len(config.layout.spelled(word)) for word in words) - done
    if not words:
        return None
    return speller_session_s(config, n_letters, n, decides=not is_calibration)
