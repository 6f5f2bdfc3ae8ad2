"""What the cards follow from, and what a card is."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from bci_online.lab.actions import Action
from bci_online.lab.choice import Choice
from bci_online.lab.contents import LabContents, RecordedRun
from bci_online.lab.job_record import Job, running
from bci_online.lab.said import Said

__all__ = [
    "LABEL",
    "STEPS",
    "Card",
    "CardState",
    "Electrodes",
    "LabState",
    "StepName",
    "while_recorded",
]

CardState = Literal["done", "next", "blocked"]
StepName = Literal["amplifier", "electrodes", "calibrate", "decoder", "use", "afterwards"]
STEPS: tuple[StepName, ...] = (
    "amplifier", "electrodes", "calibrate", "decoder", "use", "afterwards",
)  # fmt: skip
SESSIONS = ("calibrate", "spell", "feedback")
LABEL = re.compile("[A-Za-z0-9]{1,32}")
"""A subject or a session as the name of a recording may have it (BIDS)."""


class Electrodes(msgspec.Struct, frozen=True):
    """How the electrodes are at the moment.

    Parameters
    ----------
    n_channels : int
        How many are looked at; 0: nobody looks.
    wrong : dict of str to str
        What is wrong with which.

    See Also
    --------
    bci_online.preprocessing.quality.faults : Judges them.
    """

    n_channels: int = 0
    wrong: dict[str, str] = {}


class LabState(msgspec.Struct, frozen=True, kw_only=True):
    """All that the cards follow from.

    Parameters
    ----------
    lab : LabContents
        What the folder holds.
    jobs : tuple of Job
        The newest first.
    choice : Choice
        What a person has chosen.
    electrodes : Electrodes
        How they are.
    now : float
        In seconds since 1970.
    monitors : tuple of str
        Names of the monitors that are connected; empty where nobody knows.

    See Also
    --------
    bci_online.lab.cards.cards_of : The cards.

    Examples
    --------
    >>> from pathlib import Path
    >>> LabState(lab=LabContents(folder=Path("lab"))).session is None
    True
    """

    lab: LabContents
    jobs: tuple[Job, ...] = ()
    choice: Choice = Choice()
    electrodes: Electrodes = Electrodes()
    now: float = 0.0
    monitors: tuple[str, ...] = ()

    @property
    def session(self) -> Job | None:
        """The recorded session that runs."""
        return running(self.jobs, *SESSIONS)

    @property
    def has_library(self) -> bool:
        """Whether the lab has earlier sessions of letters that can help."""
        configuration = self.choice.configuration_in(self.lab)
        is_imagery = configuration is not None and configuration.is_imagery
        return bool(self.lab.library) and not is_imagery

    def last(self, *names: str) -> Job | None:
        """Return the newest job of one of these actions, of this subject or of no one."""
        subjects = {"", self.choice.subject}
        return next(
            (
                job
                for job in self.jobs
                if job.record.action in names and job.record.subject in subjects
            ),
            None,
        )


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One step.

    Parameters
    ----------
    step : StepName
        Which.
    state : {"done", "next", "blocked"}
        How it stands.
    line : Said
        What came of it, what is to be done, or why it is blocked.
    facts : tuple of Said
        More about it.
    actions : tuple of Action
        What can be started now, the usual one first.
    job : Job or None
        What runs for it, or what ran last.
    folder : Path or None
        Of the session that it is about.
    title : str
        What the step is called: its own name, or ``feedback`` where imagery is used.

    See Also
    --------
    bci_online.lab.cards.cards_of : Makes them.
    """

    step: StepName
    state: CardState
    line: Said
    facts: tuple[Said, ...] = ()
    actions: tuple[Action, ...] = ()
    job: Job | None = None
    folder: Path | None = None
    title: str = ""


def missing_of(state: LabState) -> Said | None:
    """Return what no step can do without, if it is missing."""
    configuration = state.choice.configuration_in(state.lab)
    if configuration is None:
        return Said("blocked.configuration")
    if configuration.fault:
        return Said("blocked.fault", {"fault": configuration.fault})
    if not state.choice.subject:
        return Said("blocked.subject")
    # Somebody else's folder may name a subject as it likes.
    return None if LABEL.fullmatch(state.choice.subject) else Said("blocked.label")


def stops_of(state: LabState) -> Said | None:
    """Return why no session can begin now, if so."""
    configuration = state.choice.configuration_in(state.lab)
    if missing := missing_of(state):
        return missing
    assert configuration is not None
    if not (configuration.simulates or configuration.stream):
        return Said("blocked.amplifier")
    if session := state.session:
        return Said("blocked.session", {"subject": session.record.subject})
    return None


def calibrations_of(state: LabState) -> tuple[RecordedRun, ...]:
    """Return what a decoder of the chosen paradigm can be trained on."""
    configuration = state.choice.configuration_in(state.lab)
    is_imagery = configuration is not None and configuration.is_imagery
    return tuple(
        run
        for run in state.lab.runs_of(state.choice.subject)
        if run.is_calibration and not run.fault and run.is_imagery == is_imagery
    )


def while_recorded(lab: LabContents, jobs: Iterable[Job]) -> LabContents:
    """Return a lab in which the session that runs is no session that failed.

    Its folder alone does not tell: before its first sample nothing is recorded.

    Parameters
    ----------
    lab : LabContents
        As its folder was read.
    jobs : iterable of Job
        Of the lab.

    Returns
    -------
    lab : LabContents
        The runs of a session that runs are open.

    See Also
    --------
    bci_online.lab.reading.LabReader : Reads the folder.

    Examples
    --------
    >>> from bci_online.lab.job_record import JobRecord
    >>> run = RecordedRun(folder=Path("lab/spell-01"), fault="nothing was recorded")
    >>> record = JobRecord(action="spell", command=(), output="lab/spell-01")
    >>> lab = LabContents(folder=Path("lab"), runs=(run,))
    >>> while_recorded(lab, [Job(name="1", record=record, is_running=True)]).runs[0].is_open
    True
    """
    folders = {
        Path(job.record.output) for job in jobs if job.is_running and job.record.action in SESSIONS
    }
    if not any(run.folder in folders for run in lab.runs):
        return lab
    runs = (
        msgspec.structs.replace(run, is_open=True, fault="") if run.folder in folders else run
        for run in lab.runs
    )
    return msgspec.structs.replace(lab, runs=tuple(runs))
