"""A lab's window that is fed by hand: what its folder would hold in each of its states."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from panel_fed import spec

from bci_online.gui.lab.texts import Texts
from bci_online.gui.lab.window import LabWindow
from bci_online.gui.panel.signal_figures import SignalMeter
from bci_online.gui.panel.signal_reader import SignalNews
from bci_online.gui.themes import THEMES, Theme
from bci_online.lab.actions import find_streams
from bci_online.lab.choice import Choice
from bci_online.lab.contents import LabConfiguration, LabContents, LabDecoder, RecordedRun
from bci_online.lab.job_news import JobNews
from bci_online.lab.job_record import Job, JobRecord
from bci_online.lab.lab_state import StepName
from bci_online.lab.session_actions import calibrate, spell, train
from bci_online.messages import Chunk, Reading

LAB = Path("/home/lab/bci-lab")
NOW = time.mktime((2026, 3, 12, 14, 30, 0, 0, 0, -1))
DAY_S = 86_400.0

SPELLER = LabConfiguration(
    path=LAB / "speller.toml", stream="LiveAmp-17", words=("THE", "QUICK"), shown=8,
    calibration_s=412.0,
)  # fmt: skip
IMAGERY = LabConfiguration(
    path=LAB / "imagery.toml", is_imagery=True, stream="LiveAmp-17", shown=40, calibration_s=386.0
)
UNCHOSEN = msgspec.structs.replace(SPELLER, stream="")
CALIBRATION = RecordedRun(
    folder=LAB / "sub-03/ses-01/calibrate-01", recording=LAB / "sub-03/ses-01/calibrate-01/r.xdf",
    subject="03", session="01", task="p300", began=NOW - 1800, mode="calibration", ended="done",
    shown=8, known=8, sha256="c3", lost_samples=12,
)  # fmt: skip
SPELLED = RecordedRun(
    folder=LAB / "sub-03/ses-01/spell-01", recording=LAB / "sub-03/ses-01/spell-01/r.xdf",
    subject="03", session="01", task="p300", began=NOW - 600, mode="copy", ended="done",
    shown=5, known=5, correct=5, auc=0.91, seconds=11.4, sha256="s3", decoder="d3",
)  # fmt: skip
DECODER = LabDecoder(
    path=LAB / "decoders/sub-03_2026-03-12T141200.decoder", written=NOW - 900,
    method="shrinkage-lda", sensors=("Fz", "Cz", "Pz", "P3", "P4", "PO7", "PO8", "Oz"), auc=0.88,
    right=(0.86, 0.96, 1.0), seconds=(9.8, 12.1, 14.9), shown=8, trained_on=("c3",),
)  # fmt: skip
# What other people did before.
EARLIER = (
    RecordedRun(
        folder=LAB / "sub-01/ses-01/calibrate-01", subject="01", session="01", task="p300",
        recording=LAB / "sub-01/ses-01/calibrate-01/r.xdf", began=NOW - 9 * DAY_S,
        mode="calibration", ended="done", shown=16, known=16, sha256="c1",
    ),
    RecordedRun(
        folder=LAB / "sub-01/ses-01/spell-01", subject="01", session="01", task="p300",
        recording=LAB / "sub-01/ses-01/spell-01/r.xdf", began=NOW - 9 * DAY_S + 1500, mode="copy",
        ended="done", shown=12, known=12, correct=11, auc=0.86, seconds=13.2, sha256="s1",
    ),
    RecordedRun(
        folder=LAB / "sub-01/ses-02/spell-01", subject="01", session="02", task="p300",
        recording=LAB / "sub-01/ses-02/spell-01/r.xdf", began=NOW - 2 * DAY_S, mode="free",
        ended="done", shown=31, seconds=14.0, lost_samples=250, sha256="s2",
    ),
    RecordedRun(
        folder=LAB / "sub-02/ses-01/calibrate-01", subject="02", session="01", task="imagery",
        recording=LAB / "sub-02/ses-01/calibrate-01/r.xdf", began=NOW - 5 * DAY_S,
        mode="calibration", ended="done", shown=40, known=40, sha256="c2",
    ),
)  # fmt: skip
OLDER = LabDecoder(
    path=LAB / "decoders/sub-01_2026-03-03T150000.decoder", written=NOW - 9 * DAY_S,
    method="xdawn-lda", sensors=("Fz", "Cz", "Pz", "Oz"), auc=0.84, right=(0.84, 0.93, 0.98),
    seconds=(11.0, 13.4, 16.2), shown=16, trained_on=("c1",),
)  # fmt: skip
STREAMS = (
    {"name": "LiveAmp", "type": "EEG", "source_id": "LiveAmp-17", "n_channels": 16, "sfreq": 250.0,
     "measured_sfreq": 249.98, "n_lost": 0, "offset": 0.0004, "findings": [],
     "ch_names": ["Fz", "FC3", "FC4", "C3", "Cz", "C4", "CP3", "CPz", "CP4", "P3", "Pz", "P4",
                  "PO7", "Oz", "PO8", "EOG1"],
     "impedances": [4, 6, 5, 8, 3, 5, 7, 4, 6, 5, 4, 21, 6, 5, 9, None]},
    {"name": "Unicorn", "type": "EEG", "source_id": "UN-2023", "n_channels": 8, "sfreq": 250.0,
     "measured_sfreq": 241.2, "n_lost": 61, "offset": 0.0311,
     "ch_names": ["Fz", "C3", "Cz", "C4", "Pz", "PO7", "Oz", "PO8"], "impedances": [],
     "findings": ["sends 241.2 Hz and states 250 Hz: samples are lost on the way"]},
    {"name": "Keyboard", "type": "Markers", "source_id": "keys", "n_channels": 1, "sfreq": 0.0,
     "offset": 0.0004, "findings": []},
)  # fmt: skip


QUIET = JobNews()


class FedReader:
    """A reader of an amplifier that is given a second of EEG again and again."""

    def __init__(self, n_bad: int = 2) -> None:
        self._spec, self._n_bad = spec(), n_bad
        self._meter, self._n = SignalMeter(self._spec), 0
        self._rng = np.random.default_rng(2)
        self._says_spec = True

    def start(self) -> None:
        """Begin: nothing to be done."""

    def stop(self) -> None:
        """End: nothing to be done."""

    def news(self) -> Sequence[SignalNews]:
        """Return another second, and what it is like."""
        news: list[SignalNews] = [self._spec] if self._says_spec else []
        self._says_spec = False
        sfreq = round(self._spec.sfreq)
        times = (self._n + np.arange(sfreq)) / sfreq
        data = 8 * self._rng.normal(size=(sfreq, len(self._spec.ch_names)))
        data += 12 * np.sin(2 * np.pi * 10 * times)[:, None]
        if self._n_bad:
            data[:, 1] = 0.0
            data[:, 9] += 90 * np.sin(2 * np.pi * 50 * times)
        self._n += sfreq
        chunk = Chunk(data=data.astype(np.float32), stamps=times)
        self._meter.push(chunk)
        figures = self._meter.figures()
        return [*news, Reading(chunks=(chunk,)), *([] if figures is None else [figures])]


class FedLab:
    """A lab's window without a lab.

    Parameters
    ----------
    language, theme
        Of the window.
    """

    def __init__(self, language: str = "en", theme: Theme = THEMES["dark"]) -> None:
        self.window = LabWindow(LAB, Texts(language), theme, lambda _: FedReader())  # type: ignore[arg-type, return-value]

    def show(
        self, lab: LabContents, jobs: Sequence[Job] = (), choice: Choice | None = None
    ) -> None:
        """Show what a folder holds, what runs, and a choice."""
        self.window.watch.seen.emit(lab, list(jobs))
        if choice is not None and choice.configuration is not None:
            self.window.bar.choose_subject(choice.subject)
            self.window.bar.choose_configuration(choice.configuration)
        self.window.refresh()

    def open(self, step: StepName) -> None:
        """Open a card, unless it is open."""
        if self.window.steps.open_step != step:
            self.window.steps.choose(step)


def contents(
    *runs: RecordedRun, decoders: Sequence[LabDecoder] = (), chosen: LabConfiguration = SPELLER
) -> LabContents:
    """Return a lab with these runs of subject 03, and what others did before."""
    return LabContents(
        folder=LAB, runs=(*EARLIER, *runs), decoders=(*decoders, OLDER),
        configurations=(IMAGERY, chosen),
    )  # fmt: skip


def job(name: str, lab: LabContents, *, code: int | None = None, error: str = "",
        news: JobNews = QUIET) -> Job:  # fmt: skip
    """Return a job of subject 03; it runs where it has no exit code and no error."""
    make = {"calibrate": calibrate, "spell": spell, "train": train}
    action = find_streams() if name == "streams" else make[name](lab, CHOICE, NOW)
    assert action is not None
    record = JobRecord(
        action=action.name, command=action.command, subject=action.subject, output=action.output,
        began=NOW - 60, pid=1,
    )  # fmt: skip
    is_running = code is None and not error
    return Job(name=f"20260312-{name}", record=record, is_running=is_running, code=code,
               error=error, news=news)  # fmt: skip


CHOICE = Choice(subject="03", configuration=SPELLER.path)


def first(fed: FedLab) -> None:
    """Show an empty folder."""
    fed.show(LabContents(folder=LAB))


def amplifier(fed: FedLab) -> None:
    """Show what a search has found."""
    lab = contents(chosen=UNCHOSEN)
    fed.show(lab, [job("streams", lab, code=0, news=JobNews(rows=STREAMS))], CHOICE)
    fed.open("amplifier")


def electrodes(fed: FedLab) -> None:
    """Show electrodes, two of which are bad."""
    fed.show(contents(), (), CHOICE)
    fed.open("electrodes")


def calibration(fed: FedLab) -> None:
    """Show what a calibration will be."""
    fed.show(contents(), (), CHOICE)
    fed.open("calibrate")


def calibrating(fed: FedLab) -> None:
    """Show a calibration that runs, with an alarm."""
    lab = contents()
    news = JobNews(
        session="s", doing="recording", done=3, of=8, text="THE", planned_s=412.0, has_begun=True,
        alarms=("PO7 is flat",),
    )  # fmt: skip
    fed.show(lab, [job("calibrate", lab, news=news)], CHOICE)


def training(fed: FedLab) -> None:
    """Show a training that runs."""
    lab = contents(CALIBRATION)
    news = JobNews(doing="fold 3 of 8", done=3, of=8)
    fed.show(lab, [job("train", lab, news=news)], CHOICE)


def decoder(fed: FedLab) -> None:
    """Show what a decoder promises."""
    fed.show(contents(CALIBRATION, decoders=[DECODER]), (), CHOICE)
    fed.open("decoder")


def ready(fed: FedLab) -> None:
    """Show what can be spelled."""
    fed.show(contents(CALIBRATION, decoders=[DECODER]), (), CHOICE)
    fed.open("use")


def spelling(fed: FedLab) -> None:
    """Show a session in which a word is copied."""
    lab = contents(CALIBRATION, decoders=[DECODER])
    news = JobNews(
        session="s", doing="recording", done=3, of=5, text="BRA", right=3, judged=3,
        planned_s=75.0, has_begun=True,
    )  # fmt: skip
    fed.show(lab, [job("spell", lab, news=news)], CHOICE)


def died(fed: FedLab) -> None:
    """Show a session whose engine was killed."""
    lab = contents(CALIBRATION, decoders=[DECODER])
    said = "the engine ended unexpectedly (signal 9); the recording is whole up to then"
    fed.show(lab, [job("spell", lab, code=1, error=said)], CHOICE)


def afterwards(fed: FedLab) -> None:
    """Show the last session, and that it was checked."""
    lab = contents(CALIBRATION, SPELLED, decoders=[DECODER])
    record = JobRecord(
        action="verify", command=("bci-online", "verify"), subject="03",
        output=str(SPELLED.folder), began=NOW,
    )  # fmt: skip
    checked = Job(
        name="20260312-verify", record=record, is_running=False, code=0,
        news=JobNews(summary={"type": "verify", "is_right": True, "decisions": 5, "problems": []}),
    )  # fmt: skip
    fed.show(lab, [checked], CHOICE)
    fed.open("afterwards")


STATES: dict[str, Callable[[FedLab], None]] = {
    state.__name__: state
    for state in (first, amplifier, electrodes, calibration, calibrating, training, decoder, ready,
                  spelling, died, afterwards)
}  # fmt: skip
"""How each state is reached; see the names."""
