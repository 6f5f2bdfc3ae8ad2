"""A recording run through the online chain, to see what becomes of it."""

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import LARGEST, ChannelQuality
from bci_online.config import Config, EpochSpec, Preprocessing, preprocessing_for
from bci_online.input_findings import InputFinding
from bci_online.look.stimuli import Stimuli
from bci_online.messages import Gap, Marker, Message, Status, StreamSpec
from bci_online.preprocessing.quality import JUDGED_S, MAINS_HZ, assess
from bci_online.runtime.chain import Chain
from bci_online.runtime.sources import recording

__all__ = ["RunThrough", "run_through"]

MOST_JUDGED = 30
STEP_S = 0.02


@dataclass
class RunThrough:
    """What a run through the chain showed.

    Parameters
    ----------
    spec : StreamSpec
        Description of the EEG stream.
    findings : tuple of InputFinding
        Of the source.
    notes : tuple of str
        Faults of the file.
    duration_s : float
        Of the EEG.
    n_samples : int
        Number of samples of the EEG.
    damaged : Counter
        How many samples of each sensor are no numbers, or too large for a voltage.
    preprocessing : Preprocessing
        What cut the epochs.
    stimuli : Stimuli
        What was cut.
    markers : list of Marker
        As the source delivered them.
    gaps : list of Gap
        Losses and steps of the clock.
    twins : list of str
        Streams that report the same events, one line each.
    qualities : list of list of ChannelQuality
        Of some blocks of the signal.

    See Also
    --------
    run_through : Makes it.

    Examples
    --------
    Stamps that are wild for a second look like a loss of hours, and all samples are there:

    >>> spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("Cz",), ch_types=("EEG",))
    >>> run = RunThrough(
    ...     spec, (), (), 10.0, Preprocessing(ch_names=("Cz",), sfreq=100.0), Stimuli(Config()),
    ...     gaps=[Gap(500, 360_000, 5.0, bridged=False)], n_samples=1000,
    ... )
    >>> run.n_lost
    0
    """

    spec: StreamSpec
    findings: tuple[InputFinding, ...]
    notes: tuple[str, ...]
    duration_s: float
    preprocessing: Preprocessing
    stimuli: Stimuli
    markers: list[Marker] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    twins: list[str] = field(default_factory=list)
    qualities: list[list[ChannelQuality]] = field(default_factory=list)
    n_samples: int = 0
    damaged: Counter[str] = field(default_factory=Counter)

    @property
    def n_lost(self) -> int:
        """Number of samples that are missing; never more than fit between the first and the last.

        Stamps that are wild for a second look like a loss of hours.
        """
        missing = round(self.duration_s * self.spec.sfreq) - self.n_samples
        return max(0, min(missing, sum(gap.n_lost for gap in self.gaps)))

    def take(self, messages: Sequence[Message]) -> None:
        """Keep gaps, and streams that report the same events."""
        self.gaps += [message for message in messages if isinstance(message, Gap)]
        self.twins += [
            message.text
            for message in messages
            if isinstance(message, Status) and message.kind == "told_twice"
        ]

    def count(self, data: NDArray[np.floating]) -> None:
        """Count samples (n_times, n_channels), and those of each sensor that are no voltages."""
        self.n_samples += len(data)
        is_voltage = np.abs(data) < LARGEST
        if not is_voltage.all():
            n_damaged = np.count_nonzero(~is_voltage, axis=0).tolist()
            named = zip(self.spec.ch_names, n_damaged, strict=True)
            sensors = self.preprocessing.ch_names
            self.damaged.update({name: n for name, n in named if n and name in sensors})

    def judge(self, data: NDArray[np.floating]) -> None:
        """Judge the channels by a block of samples (n_times, n_channels)."""
        # Damaged numbers may be too large to be squared.
        block = np.nan_to_num(np.asarray(data, dtype=np.float64)).clip(-LARGEST, LARGEST).T
        if block.shape[1] >= JUDGED_S * self.spec.sfreq / 2:
            self.qualities.append(assess(block, self.spec.ch_names, self.spec.sfreq, MAINS_HZ))


def run_through(path: Path, config: Config) -> RunThrough:
    """Run a recording through the chain that would train on it, on all of its latencies.

    Parameters
    ----------
    path : Path
        A recording.
    config : Config
        How it is read.

    Returns
    -------
    run : RunThrough
        All that was found.

    Raises
    ------
    BciError
        If it cannot be read so.

    See Also
    --------
    bci_online.runtime.sources.recording : Opens it.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     duration = write_recording(config, "A", Path(folder) / "run.xdf", seed=0)
    ...     run = run_through(Path(folder) / "run.xdf", config)
    >>> run.stimuli.n_stimuli, run.gaps, run.stimuli.n_letters
    (24, [], 1)
    """
    source = recording(path, config, chunk_s=JUDGED_S)
    with closing(source):
        source.open()
        preprocessing = preprocessing_for(_finer(config), source.spec)
        stimuli = Stimuli(config)
        chain = Chain(preprocessing, source.spec, stimuli, None, config.markers.translate)
        run = RunThrough(
            source.spec, source.findings, source.notes, source.duration_s, preprocessing, stimuli
        )
        every = max(1, math.ceil(source.duration_s / JUDGED_S / MOST_JUDGED))
        number = 0
        while (reading := source.read()) is not None:
            run.markers += reading.markers
            run.take(chain.push(reading))
            for chunk in reading.chunks:
                run.count(chunk.data)
                if number % every == 0:
                    run.judge(chunk.data)
                number += 1
        run.take(chain.finish())
    return run


def _finer(config: Config) -> Config:
    """Return a configuration whose latencies are close enough for a picture."""
    if config.paradigm == "motor_imagery":
        return config
    step = min(config.epoch.step, STEP_S)
    fine = EpochSpec(tmin=config.epoch.tmin, tmax=config.epoch.tmax, step=step)
    return msgspec.structs.replace(config, epoch=fine)
