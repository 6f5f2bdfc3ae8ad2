"""What a session is to be, before any of its processes runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from bci_online.config import Config
from bci_online.paradigms.p300.presentation import Mode
from bci_online.session.folder import SessionFolder
from bci_online.session.typed_commands import TypedCommands

__all__ = ["SessionMode", "SessionPlan"]

SessionMode = Mode | Literal["feedback", "errp"]


class SessionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is to be.

    Parameters
    ----------
    name : str
        Of its streams.
    folder : SessionFolder
        Where it is recorded; must not hold a recording.
    config : Config
        The configuration of its processes.
    config_path : Path, optional
        The file of it, kept in the folder.
    decoder : Path, optional
        None for a calibration: nothing is decided.
    errp : Path, optional
        The decoder of error potentials, which takes letters back.
    no_calibration : bool
        Spell without a decoder: the engine makes one that was never calibrated, and keeps it.
    start : Path, optional
        Then: what earlier sessions say of the response.
    after : tuple of Path
        Recordings of earlier runs that the decoder goes on from.
    mode : str
        As `P300Presentation` has it, or ``errp``: answers for a calibration of error potentials.
        ``calibration`` or ``feedback`` with motor imagery.
    words : tuple of str
        What to spell.
    wish : str
        What a simulated subject writes in free spelling.
    seed : int
        Of the order of flashes or cues.
    done : int
        How many letters or trials an earlier run of this seed has shown.
    simulate : bool
        Start the simulated amplifier too.
    planned_s : float or None
        How long the subject will be busy, in seconds; None where the subject decides.
    screen : tuple of str
        Further arguments of the screen's process.
    steered : bool
        Whether commands of an operator are read from standard input, too.

    See Also
    --------
    bci_online.session.conductor.conduct : Carries it out.
    """

    name: str
    folder: SessionFolder
    config: Config
    config_path: Path | None = None
    decoder: Path | None = None
    errp: Path | None = None
    no_calibration: bool = False
    start: Path | None = None
    after: tuple[Path, ...] = ()
    mode: SessionMode = "calibration"
    words: tuple[str, ...] = ()
    wish: str = ""
    seed: int = 0
    done: int = 0
    simulate: bool = False
    planned_s: float | None = None
    screen: tuple[str, ...] = ()
    steered: bool = False

    @property
    def is_calibration(self) -> bool:
        """Whether nothing is decided, because a decoder is to be trained on it."""
        return self.mode in {"calibration", "errp"}

    @property
    def n_trials(self) -> int:
        """How many letters or trials are shown; 0 where the subject decides."""
        config = self.config
        if config.paradigm == "motor_imagery":
            shown = config.presentation
            return len(shown.classes) * shown.trials_per_class - self.done
        if self.mode == "errp":
            return config.presentation.answers - self.done
        n_letters = sum(len(config.layout.spelled(word)) for word in self.words)
        return max(0, n_letters - self.done)

    def typed(self) -> Callable[[], list[str]]:
        """Return what reads an operator's commands from standard input; it may read nothing."""
        return TypedCommands().read if self.steered else list

    @contextmanager
    def made_folder(self) -> Iterator[None]:
        """Make the session's folder, with its configuration and decoder; keep others out inside.

        Raises
        ------
        RecordingError
            If it holds a recording already, another session runs in it, or it cannot be written.
        """
        try:
            self.folder.make()
            self.folder.keep_config(self.config, self.config_path)
            if self.decoder is not None:
                self.folder.keep_decoder(self.decoder)
            if self.errp is not None:
                self.folder.keep_errp(self.errp)
            yield
        finally:
            self.folder.release()

    def screen_arguments(self) -> list[str]:
        """Return what the screen's process is to show, as arguments of its command line."""
        words = [argument for word in self.words for argument in ("--word", word)]
        wish = ["--wish", self.wish] if self.wish else []
        order = ["--seed", str(self.seed), "--done", str(self.done)]
        undoes = [] if self.errp is None else ["--undoes"]
        return [*words, *wish, "--mode", self.mode, *order, *undoes, *self.screen]
