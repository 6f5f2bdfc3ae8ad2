"""A configuration file: all tables, frozen, validated, every key with a default."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.epochs import Artefacts, EpochSpec, FilterSpec
from bci_online.config.imagery import ImagerySpec
from bci_online.config.language import LanguageSpec
from bci_online.config.layout import LayoutSpec
from bci_online.config.presentation import Presentation
from bci_online.config.ranges import Amplitude, Fraction, Hertz, Latency, Names, Sfreq
from bci_online.config.screen import ScreenSpec
from bci_online.config.section import Section
from bci_online.config.stopping import Stopping
from bci_online.config.streams import EegStream, Live, MarkerStream, Security
from bci_online.config.windows import EvidenceSpec, WindowSpec, window_starts

__all__ = ["Config", "Simulation"]


class Simulation(Section, frozen=True):
    """The simulated amplifier and subject.

    Amplitudes are in µV (``_uv``) or mV (``_mv``).

    Parameters
    ----------
    seed : int
        The same one gives the same signal.
    sfreq : float
        Sampling frequency in Hz.
    ch_names : tuple of str
        Places of the 10-10 system.
    p300_uv, p300_latency_s : float
        Height and latency of the response to a target.
    latency_jitter_s, amplitude_jitter : float
        How much both vary from flash to flash; the amplitude as a share.
    vep_uv : float
        Height of the response to every flash.
    mu_uv, erd : float
        Amplitude of the mu rhythm, and the share of it that imagery suppresses.
    noise_uv, alpha_uv : float
        Amplitude of pink noise and of alpha.
    blinks_per_min : float
        How often the eyes blink.
    line_uv, line_hz : float
        Amplitude and frequency of mains noise.
    offset_mv : float
        Of each electrode.

    See Also
    --------
    bci_online.acquisition.simulator.SimulatedAmplifier : Made from it; has an example.
    """

    seed: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)] = 1
    sfreq: Sfreq = 250.0
    ch_names: Names = (
        "Fz", "FC3", "FCz", "FC4", "C3", "Cz", "C4", "CP3", "CPz", "CP4",
        "P3", "Pz", "P4", "PO7", "Oz", "PO8",
    )  # fmt: skip
    p300_uv: Amplitude = 8.5
    p300_latency_s: Annotated[float, msgspec.Meta(gt=0, le=10)] = 0.3
    latency_jitter_s: Latency = 0.03
    amplitude_jitter: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.3
    vep_uv: Amplitude = 3.0
    mu_uv: Amplitude = 4.0
    erd: Fraction = 0.6
    noise_uv: Amplitude = 8.0
    alpha_uv: Amplitude = 5.0
    blinks_per_min: Annotated[float, msgspec.Meta(ge=0, le=600)] = 10.0
    line_uv: Amplitude = 2.0
    line_hz: Hertz = 50.0
    offset_mv: Annotated[float, msgspec.Meta(ge=-1e4, le=1e4)] = 5.0


class Config(Section, frozen=True):
    """One configuration file; every table and key has a default.

    Parameters
    ----------
    paradigm : {"p300", "motor_imagery"}
        What is decided.
    eeg : EegStream
        The stream of EEG.
    markers : MarkerStream
        The streams of markers.
    filter : FilterSpec
        The band.
    epoch : EpochSpec
        Latencies of flashes.
    window : WindowSpec
        Windows of imagery.
    evidence : EvidenceSpec
        The seconds that windows cover.
    artefacts : Artefacts
        When an epoch is rejected.
    layout : LayoutSpec
        The matrix of symbols.
    presentation : Presentation
        Times, words, classes.
    imagery : ImagerySpec
        The trial of imagery.
    language : LanguageSpec
        Whose letters and words are expected.
    screen : ScreenSpec
        The subject's screen.
    stopping : Stopping
        When a letter is decided.
    live : Live
        Alarms and ends of a live run.
    security : Security
        Whose markers are obeyed.
    simulation : Simulation
        The simulated subject.

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
    security: Security = Security()
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
