"""A configuration file: all tables, frozen, validated, every key with a default."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.adaptation import Adaptation
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

    Amplitudes are in µV (``_uv``) or mV (``_mv``), rates in Hz, times in s (``_s``).

    Parameters
    ----------
    seed : int
        The same one gives the same signal.
    sfreq : float
        Sampling frequency.
    ch_names : tuple of str
        Places of the 10-10 system.
    p300_uv : float
        Height of the response to a target.
    p300_latency_s : float
        Its latency.
    latency_jitter_s : float
        How much the latency varies from flash to flash.
    amplitude_jitter : float
        How much the height varies from flash to flash, as a share of it.
    vep_uv : float
        Height of the response to every flash.
    errp_uv : float
        Height of the response to a wrong answer, an error potential.
    mu_uv : float
        Amplitude of the mu rhythm.
    erd : float
        Share of the mu rhythm that imagery suppresses.
    noise_uv : float
        Amplitude of pink noise.
    alpha_uv : float
        Amplitude of alpha.
    blinks_per_min : float
        How often the eyes blink.
    line_uv : float
        Amplitude of mains noise.
    line_hz : float
        Frequency of mains noise.
    offset_mv : float
        Offset of each electrode.

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
    p300_latency_s: Annotated[float, msgspec.Meta(gt=0, le=10, extra={"unit": "s"})] = 0.3
    latency_jitter_s: Latency = 0.03
    amplitude_jitter: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.3
    vep_uv: Amplitude = 3.0
    errp_uv: Amplitude = 12.0
    mu_uv: Amplitude = 4.0
    erd: Fraction = 0.6
    noise_uv: Amplitude = 8.0
    alpha_uv: Amplitude = 5.0
    blinks_per_min: Annotated[float, msgspec.Meta(ge=0, le=600, extra={"unit": "1/min"})] = 10.0
    line_uv: Amplitude = 2.0
    line_hz: Hertz = 50.0
    offset_mv: Annotated[float, msgspec.Meta(ge=-1e4, le=1e4, extra={"unit": "mV"})] = 5.0


class Config(Section, frozen=True):
    """One configuration file; every table and key has a default.

    Parameters
    ----------
    paradigm : {"p300", "motor_imagery"}
        What is decided: letters from flashes, or what is imagined.
    eeg : EegStream
        Which stream is the EEG, and which of its channels take part.
    markers : MarkerStream
        Which streams are markers, and how to read foreign ones.
    filter : FilterSpec
        The band.
    epoch : EpochSpec
        P300: latencies after a flash.
    window : WindowSpec
        Motor imagery: what is scored, again and again after each cue.
    evidence : EvidenceSpec
        Motor imagery: the seconds that windows cover.
    artefacts : Artefacts
        When an epoch is rejected.
    layout : LayoutSpec
        The matrix of symbols of a calibration; spelling has that of the decoder.
    presentation : Presentation
        What the subject is shown, and for how long.
    imagery : ImagerySpec
        Motor imagery: the trial, in seconds from its start.
    language : LanguageSpec
        Whose letters and words are expected.
    screen : ScreenSpec
        The subject's screen.
    stopping : Stopping
        When a letter or trial is decided; the decoder keeps what its training had.
    adaptation : Adaptation
        P300: how a decoder follows the letters of its session.
    live : Live
        When a live run raises an alarm, and when it ends.
    security : Security
        Whose markers a live run obeys.
    simulation : Simulation
        The simulated amplifier and subject; with this table the lab's window needs no amplifier.

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
    adaptation: Adaptation = Adaptation()
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
