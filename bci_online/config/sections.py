"""The tables of a configuration file: frozen, validated, every key with a default."""

import math
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config.eeg_origin import LSL, eeg_origin
from bci_online.config.imagery import ImagerySpec
from bci_online.config.screen import ScreenSpec
from bci_online.config.section import Bridge, Count, NotNegative, Positive, Section
from bci_online.config.speller import LanguageSpec, LayoutSpec, Presentation, Stopping
from bci_online.config.windows import EvidenceSpec, WindowSpec, window_starts
from bci_online.translation import TranslationRule

__all__ = [
    "Artefacts",
    "Config",
    "EegStream",
    "EpochSpec",
    "FilterSpec",
    "Live",
    "MarkerStream",
    "Simulation",
]


class EegStream(Section, frozen=True):
    """Where the EEG comes from, which stream it is, and which of its channels take part.

    A ``source`` other than ``lsl`` is sent into LSL while a run or session lasts.

    Parameters
    ----------
    source : str
        `eeg_origin` has the forms.
    name, type : str
        Name or source_id of the stream; empty: the only one of ``type``.
    channels, exclude : tuple of str
        Those that take part (empty: all of type EEG), and those that are left out.
    counter, counter_step, counter_modulus : str, int, int
        A channel that counts samples: by how much each, and from where it begins anew.
    reference : {"recorded", "average"}
        The one that was recorded, or the mean of all channels.
    max_bridge : float
        Losses up to so many seconds are interpolated.
    """

    source: str = LSL
    name: str = ""
    type: str = "EEG"
    channels: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    counter: str = ""
    counter_modulus: Annotated[int, msgspec.Meta(ge=2)] = 256
    counter_step: Count = 1
    reference: Literal["recorded", "average"] = "recorded"
    max_bridge: Bridge = 0.1

    def check(self) -> None:
        """Refuse an unknown source, and a counter that cannot tell losses from disorder."""
        eeg_origin(self.source)
        if 2 * self.counter_step > self.counter_modulus:
            raise ValueError(
                f"counter_step={self.counter_step} must be at most half of "
                f"counter_modulus={self.counter_modulus}"
            )


class MarkerStream(Section, frozen=True):
    """Which streams are markers, and how to read foreign ones.

    Parameters
    ----------
    names, types : tuple of str
        Names or source_ids; without names every stream of one of the types.
    translate : tuple of TranslationRule
        From foreign markers to the grammar.
    display_delay, amplifier_delay : float
        Seconds from a marker to the light, and from a potential to its stamp.
    """

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ("Markers", "LSL_Marker_Strings", "Marker", "Stim")
    translate: tuple[TranslationRule, ...] = ()
    display_delay: float = 0.0
    amplifier_delay: float = 0.0


class FilterSpec(Section, frozen=True):
    """A causal band-pass.

    Parameters
    ----------
    l_freq, h_freq : float
        Edges in Hz.
    order : int
        Of each edge.
    band_width : float
        In Hz. If it is positive: a bank of neighbouring bands of that width.
    ripple_db : float
        If it is positive: a Chebyshev filter with that ripple in the band. It is steeper and
        settles more slowly. Otherwise a Butterworth filter.

    See Also
    --------
    bci_online.preprocessing.filters.bandpass : Design it.

    Notes
    -----
    At 0.5-8 Hz order 2 settles in 2.3 s, order 4 in 3.8 s. Order 2 also separates flashes better
    on the Wadsworth recordings: AUC 0.857 against 0.841, mean of four runs left out in turn.

    Examples
    --------
    >>> FilterSpec(l_freq=8.0, h_freq=16.0, band_width=4.0).bands
    ((8.0, 12.0), (12.0, 16.0))
    """

    l_freq: Annotated[float, msgspec.Meta(ge=0.01)] = 0.5
    h_freq: Positive = 8.0
    order: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2
    band_width: NotNegative = 0.0
    ripple_db: Annotated[float, msgspec.Meta(ge=0, le=3)] = 0.0

    def check(self) -> None:
        """Refuse an empty band, or one that cannot be cut into whole bands."""
        if not self.l_freq < self.h_freq:
            raise ValueError(
                f"band ({self.l_freq:g}, {self.h_freq:g}) Hz must satisfy l_freq < h_freq"
            )
        if self.band_width:
            n_bands = (self.h_freq - self.l_freq) / self.band_width
            if not 0.5 < n_bands < 64.5 or abs(n_bands - round(n_bands)) > 1e-6:
                raise ValueError(
                    f"band_width={self.band_width:g} Hz must divide the band from "
                    f"{self.l_freq:g} to {self.h_freq:g} Hz into at most 64 whole ones"
                )

    @property
    def bands(self) -> tuple[tuple[float, float], ...]:
        """The pass bands in Hz: one, or with a ``band_width`` a bank of neighbours."""
        if not self.band_width:
            return ((self.l_freq, self.h_freq),)
        n_bands = round((self.h_freq - self.l_freq) / self.band_width)
        edges = [self.l_freq + n * self.band_width for n in range(n_bands + 1)]
        return tuple(pairwise(edges))


class EpochSpec(Section, frozen=True):
    """The latencies of an epoch, from the onset sample.

    Parameters
    ----------
    tmin, tmax, step : float
        First and last latency and their distance, in seconds.

    Examples
    --------
    >>> EpochSpec(tmin=0.0, tmax=0.2, step=0.1).latencies
    array([0. , 0.1, 0.2])
    """

    tmin: NotNegative = 0.0
    tmax: Positive = 0.75
    step: Positive = 0.05

    def check(self) -> None:
        """Refuse fewer than two latencies, more than 10000, or one later than 10 s."""
        if not self.tmin + self.step <= self.tmax + 1e-9 <= 10 + 1e-9:
            raise ValueError(
                f"tmin={self.tmin:g}, tmax={self.tmax:g}, step={self.step:g} must satisfy "
                "tmin + step <= tmax <= 10 s"
            )
        if (self.tmax - self.tmin) / self.step > 10_000:
            raise ValueError(f"step={self.step:g} s gives more than 10000 latencies")

    @cached_property
    def latencies(self) -> NDArray[np.float64]:
        """The latencies in seconds, shape (n_times,)."""
        n_times = math.floor((self.tmax - self.tmin) / self.step + 1e-6) + 1
        return np.arange(n_times, dtype=np.float64) * self.step + self.tmin


class Artefacts(Section, frozen=True):
    """When an epoch is rejected: a channel's peak-to-peak exceeds median + ``k`` MAD.

    Parameters
    ----------
    k : float
        0: never.

    Notes
    -----
    The default rejects gross artefacts only. ``k`` = 10 on 64 channels rejects every tenth epoch of
    a usable recording, and shrinkage LDA loses 0.01-0.03 AUC.
    """

    k: NotNegative = 50.0


class Live(Section, frozen=True):
    """When a live run raises an alarm, and when it ends; seconds.

    Streams are searched for ``resolve_timeout``. Without a sample for ``silent_after`` there is an
    alarm; after ``lost_after`` the run ends or waits, as ``on_lost`` says. A decision whose data
    are older than ``max_data_age`` is late: it is published, but not carried out.
    ``queue_readings`` is how many readings may wait to be decoded.
    """

    resolve_timeout: Positive = 10.0
    silent_after: Positive = 0.5
    lost_after: Positive = 30.0
    on_lost: Literal["end", "wait"] = "end"
    max_data_age: Positive = 1.0
    queue_readings: Count = 1024


class Simulation(Section, frozen=True):
    """The simulated amplifier and subject.

    Amplitudes are in µV (``_uv``) or mV (``_mv``). ``erd`` is the share of the mu rhythm that
    imagery suppresses. The same ``seed`` gives the same signal.

    See Also
    --------
    bci_online.acquisition.simulator.SimulatedAmplifier : Made from it; has an example.
    """

    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    sfreq: Positive = 250.0
    ch_names: tuple[str, ...] = (
        "Fz", "FC3", "FCz", "FC4", "C3", "Cz", "C4", "CP3", "CPz", "CP4",
        "P3", "Pz", "P4", "PO7", "Oz", "PO8",
    )  # fmt: skip
    p300_uv: NotNegative = 8.5
    p300_latency_s: Positive = 0.3
    latency_jitter_s: NotNegative = 0.03
    amplitude_jitter: NotNegative = 0.3
    vep_uv: NotNegative = 3.0
    mu_uv: NotNegative = 4.0
    erd: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.6
    noise_uv: NotNegative = 8.0
    alpha_uv: NotNegative = 5.0
    blinks_per_min: NotNegative = 10.0
    line_uv: NotNegative = 2.0
    line_hz: Positive = 50.0
    offset_mv: float = 5.0


class Config(Section, frozen=True):
    """One configuration file; every table and key has a default.

    See Also
    --------
    bci_online.config.reading.read_config : Read it from a file.

    Examples
    --------
    >>> Config().filter.h_freq
    8.0
    """

    paradigm: Literal["p300", "motor_imagery"] = "p300"
    eeg: EegStream = EegStream()
    markers: MarkerStream = MarkerStream()
    filter: FilterSpec = FilterSpec()
    epoch: EpochSpec = EpochSpec()
    window: WindowSpec = WindowSpec()
    evidence: EvidenceSpec = EvidenceSpec()
    artefacts: Artefacts = Artefacts()
    layout: LayoutSpec = LayoutSpec()
    presentation: Presentation = Presentation()
    imagery: ImagerySpec = ImagerySpec()
    language: LanguageSpec = LanguageSpec()
    screen: ScreenSpec = ScreenSpec()
    stopping: Stopping = Stopping()
    live: Live = Live()
    simulation: Simulation = Simulation()

    def check(self) -> None:
        """Refuse latencies too far apart for the band, and an interval that holds no window."""
        if self.paradigm == "motor_imagery":
            window_starts(self.window, self.evidence)
            self.imagery.check_classes(self.presentation.classes)
            return
        if self.filter.band_width:
            raise ValueError("filter.band_width is for motor imagery; flashes take one band")
        most = 0.5 / self.epoch.step
        if self.filter.h_freq > most + 1e-9:
            raise ValueError(
                f"filter.h_freq={self.filter.h_freq:g} Hz must be at most {most:g} Hz "
                f"(half of the latencies' rate, 1/epoch.step); widen the one or shorten the other"
            )
