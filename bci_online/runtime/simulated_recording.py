"""Write a session of the simulated subject, of any kind, as a recording."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from bci_online.acquisition.simulator import SimulatedAmplifier, simulate
from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
from bci_online.config import Config
from bci_online.messages import EEG, Command, Marker
from bci_online.paradigms.motor_imagery.presentation import GrazPresentation
from bci_online.paradigms.p300.answer_presentation import AnswerPresentation
from bci_online.paradigms.p300.presentation import P300Presentation

__all__ = ["copy_spelling", "cued_imagery", "shown_answers", "write_recording"]

# The filter must settle before the first flash, and the last response must be complete.
LEAD_S, TAIL_S = 6.0, 2.0


def copy_spelling(config: Config, word: str) -> tuple[list[Marker], float]:
    """Return the markers of a session in which `word` is copied, and its length in seconds.

    Parameters
    ----------
    config : Config
        Layout, times, seed.
    word : str
        What is copied.

    Returns
    -------
    markers : list of Marker
        In the order of time, which begins at 0.
    duration_s : float
        Length of the session.

    Raises
    ------
    ConfigError
        If the layout lacks a symbol of the word.

    See Also
    --------
    write_recording : Adds the simulated signal.

    Examples
    --------
    >>> markers, duration_s = copy_spelling(Config(), "HI")
    >>> [marker.text for marker in markers if marker.text.startswith("trial/start")]
    ['trial/start/1/H', 'trial/start/2/I']
    """
    screen = P300Presentation(
        config, "calibration", [word], seed=config.simulation.seed, lead_s=LEAD_S
    )
    return _shown(screen, config)


def cued_imagery(config: Config) -> tuple[list[Marker], float]:
    """Return the markers of a run of cued trials without feedback, and its length in seconds.

    Parameters
    ----------
    config : Config
        Classes, trials, times, seed.

    Returns
    -------
    markers : list of Marker
        In the order of time, which begins at 0.
    duration_s : float
        Length of the run.

    See Also
    --------
    write_recording : Adds the simulated signal.

    Examples
    --------
    >>> from bci_online.config import Presentation
    >>> shown = Presentation(trials_per_class=2)
    >>> markers, _ = cued_imagery(Config(paradigm="motor_imagery", presentation=shown))
    >>> sum(marker.text == "cue/left_hand" for marker in markers)
    2
    """
    return _shown(GrazPresentation(config, seed=config.simulation.seed, lead_s=LEAD_S), config)


def shown_answers(config: Config) -> tuple[list[Marker], float]:
    """Return the markers of answers, some of them wrong, and the session's length in seconds.

    Parameters
    ----------
    config : Config
        How many answers, times, seed.

    Returns
    -------
    markers : list of Marker
        In the order of time, which begins at 0.
    duration_s : float
        Length of the session.

    See Also
    --------
    write_recording : Adds the simulated signal.

    Examples
    --------
    >>> from bci_online.config import Presentation
    >>> markers, _ = shown_answers(Config(presentation=Presentation(answers=8)))
    >>> sum(marker.text == "feedback/miss" for marker in markers)
    2
    """
    seed = config.simulation.seed
    return _shown(AnswerPresentation(config, seed=seed, lead_s=LEAD_S), config)


def _shown(
    screen: P300Presentation | GrazPresentation | AnswerPresentation, config: Config
) -> tuple[list[Marker], float]:
    shown, marks = screen.step(0.0, [Command("start")])
    markers = list(marks)
    frame = 0
    while shown.state != "ended":
        frame += 1
        shown, marks = screen.step(frame / config.presentation.refresh_hz)
        markers += marks
    return markers, markers[-1].time + TAIL_S


def write_recording(
    config: Config,
    word: str,
    path: Path,
    seed: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> float:
    """Write an XDF recording of the simulated subject; return its length in seconds.

    Parameters
    ----------
    config : Config
        Paradigm, presentation and simulation. With motor imagery the subject follows cues; with
        epochs after feedback it is shown answers.
    word : str
        The word that the subject copies; not used with motor imagery, nor where answers are shown.
    path : Path
        The file.
    seed : int, optional
        Instead of the configuration's.
    progress : callable
        Called with the share that is done, from 0 to 1.

    Returns
    -------
    duration_s : float
        Length of the recording in seconds.

    Raises
    ------
    ConfigError
        If the layout lacks a symbol of the word.

    See Also
    --------
    bci_online.acquisition.xdf.writer.write_xdf : Writes other recordings.
    calibration.p300.training.train : Has an example of such a recording.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import Presentation
    >>> short = Presentation(repetitions=1, trials_per_class=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seconds = write_recording(Config(presentation=short), "A", Path(folder) / "run.xdf")
    >>> 5 < seconds < 20
    True
    """
    if seed is not None:
        simulation = msgspec.structs.replace(config.simulation, seed=seed)
        config = msgspec.structs.replace(config, simulation=simulation)
    if config.paradigm == "motor_imagery":
        markers, duration_s = cued_imagery(config)
    elif config.epoch.after == "feedback":
        markers, duration_s = shown_answers(config)
    else:
        markers, duration_s = copy_spelling(config, word)
    write_xdf(path, _streams(config, markers, duration_s, progress))
    return duration_s


def _streams(
    config: Config,
    markers: list[Marker],
    duration_s: float,
    progress: Callable[[float], None],
) -> list[XdfStream]:
    """Return the subject's EEG, and the markers that it answered."""
    data, stamps = [], []
    come: list[Marker] = []
    for reading in simulate(
        config.simulation, markers, duration_s, layout=config.layout.symbols_of_code
    ):
        data += [chunk.data for chunk in reading.chunks]
        stamps += [chunk.stamps for chunk in reading.chunks]
        come += reading.markers
        if stamps:
            progress(min(1.0, float(stamps[-1][-1]) / duration_s))
    spec = SimulatedAmplifier(config.simulation).spec
    eeg = XdfStream(
        name=spec.name,
        type=spec.type,
        sfreq=spec.sfreq,
        stamps=np.concatenate(stamps),
        data=np.concatenate(data).astype(np.float32),
        ch_names=spec.ch_names,
        unit=spec.unit,
        offsets=[(0.0, 0.0)],
        source_id=f"simulated-{EEG}",
        reference=spec.reference,
        manufacturer=spec.amplifier,
    )
    events = XdfStream(
        name="bci-online-markers",
        type="Markers",
        sfreq=0.0,
        stamps=np.array([marker.time for marker in come]),
        data=[marker.text for marker in come],
        offsets=[(0.0, 0.0)],
        source_id="simulated-markers",
    )
    return [eeg, events]
