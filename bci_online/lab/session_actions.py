"""The commands that need a subject: calibration, training, spelling, feedback."""

import re
import time

from bci_online.lab.actions import LIBRARY, Action
from bci_online.lab.choice import Choice
from bci_online.lab.contents import LabConfiguration, LabContents
from bci_online.lab.lab_state import LABEL

__all__ = ["calibrate", "feedback", "spell", "train"]

VISIT_S = 12 * 3600.0
"""Runs within so many seconds of the last one are of the same visit, and have its session label."""


def calibrate(lab: LabContents, choice: Choice, now: float) -> Action:
    """Return a calibration of the chosen subject.

    Parameters
    ----------
    lab : LabContents
        Its runs say which run this is.
    choice : Choice
        The subject and the configuration.
    now : float
        In seconds since 1970.

    Returns
    -------
    action : Action
        It records into a new folder.

    See Also
    --------
    train : What follows.

    Examples
    --------
    >>> from pathlib import Path
    >>> lab = LabContents(folder=Path("lab"))
    >>> action = calibrate(lab, Choice(subject="01"), now=0.0)
    >>> " ".join(action.words[:3]), action.output
    ('bci-calibrate record p300', 'lab/sub-01/ses-01/calibrate-01')
    """
    configuration = choice.configuration_in(lab)
    is_imagery = configuration is not None and configuration.is_imagery
    task = "imagery" if is_imagery else "p300"
    words = ["bci-calibrate", "record", "mi" if is_imagery else "p300"]
    if choice.until and not is_imagery:
        words += ["--until", choice.until]
    return _session("calibrate", words, lab, choice, task, now)


def spell(lab: LabContents, choice: Choice, now: float, *, library: bool = False) -> Action:
    """Return a session in which the subject spells: without a decoder, where there is none.

    Parameters
    ----------
    lab : LabContents
        Its runs say which run this is.
    choice : Choice
        The subject and the configuration; what is copied.
    now : float
        In seconds since 1970.
    library : bool
        Whether a session without a decoder starts from the lab's library.

    Returns
    -------
    action : Action
        It records into a new folder.

    See Also
    --------
    feedback : The same of motor imagery.

    Examples
    --------
    >>> from pathlib import Path
    >>> lab = LabContents(folder=Path("lab"))
    >>> action = spell(lab, Choice(subject="01", copy="HI"), now=0.0)
    >>> " ".join(action.words[:3]), action.output
    ('bci-online spell --no-calibration', 'lab/sub-01/ses-01/spell-01')
    """
    words = ["bci-online", "spell", *_decides(lab, choice)]
    words += ["--library", str(lab.folder / LIBRARY)] if library else []
    configuration = choice.configuration_in(lab)
    if choice.copy:
        words += ["--copy", choice.copy]
    elif configuration is not None and configuration.simulates:
        words += ["--wish", "HELLO"]
    label = "spell_library" if library else ""
    return _session("spell", words, lab, choice, "p300", now, label)


def feedback(lab: LabContents, choice: Choice, now: float) -> Action:
    """Return a session of motor imagery with feedback.

    Parameters
    ----------
    lab : LabContents
        Its runs say which run this is.
    choice : Choice
        The subject and the configuration.
    now : float
        In seconds since 1970.

    Returns
    -------
    action : Action
        It records into a new folder.

    See Also
    --------
    spell : The same of letters.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bci_online.lab.contents import LabDecoder
    >>> decoder = LabDecoder(path=Path("lab/sub-01_mi.decoder"), is_imagery=True)
    >>> mi = LabConfiguration(path=Path("lab/mi.toml"), is_imagery=True)
    >>> lab = LabContents(folder=Path("lab"), decoders=(decoder,), configurations=(mi,))
    >>> " ".join(feedback(lab, Choice(subject="01"), now=0.0).words[:4])
    'bci-online feedback --decoder lab/sub-01_mi.decoder'
    """
    words = ["bci-online", "feedback", *_decides(lab, choice)]
    return _session("feedback", words, lab, choice, "feedback", now)


def train(lab: LabContents, choice: Choice, now: float, *, library: bool = False) -> Action | None:
    """Return the training on all calibrations of the chosen subject; None if there is none.

    Parameters
    ----------
    lab : LabContents
        Its calibrations are trained on.
    choice : Choice
        The subject and the configuration.
    now : float
        In seconds since 1970.
    library : bool
        Whether the lab's library helps.

    Returns
    -------
    action : Action or None
        It writes a decoder and its report.

    See Also
    --------
    calibrate : What comes before.

    Examples
    --------
    >>> from pathlib import Path
    >>> train(LabContents(folder=Path("lab")), Choice(subject="01"), now=0.0) is None
    True
    """
    configuration = choice.configuration_in(lab)
    is_imagery = configuration is not None and configuration.is_imagery
    folders = dict.fromkeys(
        run.folder
        for run in lab.runs_of(choice.subject)
        if run.is_calibration and not run.fault and run.is_imagery == is_imagery
    )
    if not folders:
        return None
    stem = f"sub-{choice.subject}_{time.strftime('%Y-%m-%dT%H%M%S', time.localtime(now))}"
    output = lab.folder / "decoders" / f"{stem}.decoder"
    words = ["bci-calibrate", "train", *map(str, folders), "-o", str(output)]
    words += ["--method", "auto", "--report", str(output.with_suffix(".html")), "--json", "-"]
    words += ["--library", str(lab.folder / LIBRARY)] if library else []
    return Action(
        name="train",
        words=tuple(words),
        subject=choice.subject,
        output=str(output),
        label="train_library" if library else "",
    )


def _decides(lab: LabContents, choice: Choice) -> list[str]:
    decoder = choice.decoder_in(lab)
    if decoder is None:
        return ["--no-calibration"]
    return ["--decoder", str(decoder.path)]


def _session(
    name: str,
    words: list[str],
    lab: LabContents,
    choice: Choice,
    task: str,
    now: float,
    label: str = "",
) -> Action:
    """Return a recorded session, in the next folder of the subject."""
    configuration = choice.configuration_in(lab)
    session, run = _place(lab, choice.subject, task, now)
    folder = lab.folder / f"sub-{choice.subject}" / f"ses-{session}" / f"{name}-{run:02d}"
    while folder.exists():
        run += 1
        folder = folder.with_name(f"{name}-{run:02d}")
    words += ["--subject", choice.subject, "--session", session, "--run", str(run)]
    words += ["-o", str(folder), *_set_by(configuration)]
    words += ["--accept-quality", choice.reason] if choice.reason else []
    words += ["--steer", "-", "--json", "-"]
    return Action(
        name=name,
        words=tuple(words),
        subject=choice.subject,
        output=str(folder),
        is_steered=True,
        label=label,
    )


def _set_by(configuration: LabConfiguration | None) -> list[str]:
    if configuration is None:
        return []
    simulate = ["--simulate"] if configuration.simulates else []
    return ["--config", str(configuration.path), *simulate]


def _place(lab: LabContents, subject: str, task: str, now: float) -> tuple[str, int]:
    """Return the session's label and the run's number: a new visit is a new session."""
    runs = lab.runs_of(subject)
    if not runs:
        return "01", 1
    last = runs[-1]
    if now - last.began > VISIT_S:
        numbers = [int(run.session) for run in runs if re.fullmatch("[0-9]{1,4}", run.session)]
        return f"{max(numbers, default=0) + 1:02d}", 1
    session = last.session if LABEL.fullmatch(last.session) else "01"
    done = [run.run for run in runs if run.session == session and run.task == task]
    return session, max(done, default=0) + 1
