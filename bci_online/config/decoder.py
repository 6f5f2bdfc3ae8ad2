"""The description of a decoder file: calibration writes it, the online chain is built from it."""

from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config.demand import check_demand
from bci_online.config.epochs import EpochSpec, FilterSpec
from bci_online.config.evidence import Evidence
from bci_online.config.layout import LayoutSpec
from bci_online.config.network import NetworkSpec
from bci_online.config.presentation import Presentation
from bci_online.config.ranges import (
    Bridge,
    ChannelNumber,
    Delay,
    Figure,
    Label,
    Mask,
    Modulus,
    Names,
    Sfreq,
    Whole,
)
from bci_online.config.section import Section
from bci_online.config.stopping import Stopping
from bci_online.config.streams import Rules, Step
from bci_online.config.training_results import Expected, HeldOut, LearningCurve, Promise, Tried
from bci_online.config.windows import EvidenceSpec, WindowSpec, window_starts

__all__ = ["CovarianceName", "DecoderHeader", "Preprocessing"]


CovarianceName = Literal["scm", "cov", "oas", "lwf", "window"]
"""Names of pyriemann: the sample covariance divided by n or n - 1, and shrunk in two ways.

``window`` is that of imagery: the mean is kept, and 1 % is drawn to the identity.
"""


class Preprocessing(Section, frozen=True, kw_only=True):
    """All that decides what an epoch is; the online chain is built from this and nothing else.

    Without a ``window`` each flash's epoch is scored. With one (motor imagery) the windows on a
    grid after each cue are scored, within ``interval``.

    Parameters
    ----------
    ch_names : tuple of str
        The channels that take part, in the order of the decoder's arrays.
    sfreq : float
        Sampling frequency in Hz.
    unit, stream_reference, amplifier : str
        What the stream said of itself in calibration.
    scaled : bool
        Whether a stream's ``scaling_factor`` counts; not in decoders from before this field.
    reference : {"recorded", "average"}
        Whether the mean of all channels is subtracted from each sample.
    filter : FilterSpec
        The band.
    epoch : EpochSpec
        The latencies.
    window, interval : WindowSpec or None, EvidenceSpec
        The grid of windows, and the seconds that it covers.
    max_bridge : float
        Losses up to so many seconds are interpolated; longer ones restart the filter.
    counter : str
        The channel that counts samples; empty where there is none.
    counter_modulus, counter_step : int
        Where it begins again, and how far it goes with each sample.
    display_delay, amplifier_delay : float
        Seconds between a marker and its light, and between a potential and its stamp.

    Raises
    ------
    ValueError
        If the sampling frequency cannot hold the band, a channel is named twice, or more memory or
        work is asked for than a computer has.

    See Also
    --------
    bci_online.runtime.chain.Chain : Made from it.
    bci_online.decoding.decoder.match_stream : Whether a stream fits.

    Examples
    --------
    >>> Preprocessing(ch_names=("Cz", "Pz"), sfreq=256.0).scored_s
    0.75
    """

    ch_names: Names
    sfreq: Sfreq
    unit: Label = "unknown"
    scaled: bool = False
    stream_reference: Label = ""
    amplifier: Label = ""
    reference: Literal["recorded", "average"] = "recorded"
    filter: FilterSpec = FilterSpec()
    epoch: EpochSpec = EpochSpec()
    window: WindowSpec | None = None
    interval: EvidenceSpec = EvidenceSpec()
    max_bridge: Bridge = 0.1
    counter: Label = ""
    counter_modulus: Modulus = 256
    counter_step: Step = 1
    display_delay: Delay = 0.0
    amplifier_delay: Delay = 0.0

    def check(self) -> None:
        """Refuse what no signal can hold, and a demand that no computer can meet."""
        if self.filter.h_freq >= self.sfreq / 2:
            raise ValueError(
                f"band ({self.filter.l_freq:g}, {self.filter.h_freq:g}) Hz must satisfy "
                f"h_freq < {self.sfreq / 2:g} Hz (half of sfreq={self.sfreq:g} Hz)"
            )
        if not self.ch_names or len(set(self.ch_names)) < len(self.ch_names):
            raise ValueError(f"ch_names must be different and not empty, got {self.ch_names}")
        if self.window is not None:
            window_starts(self.window, self.interval)
            if self.n_epoch < 2:
                raise ValueError(
                    f"window.length={self.window.length:g} s must hold at least 2 samples at "
                    f"sfreq={self.sfreq:g} Hz"
                )
        check_demand(self)

    @property
    def n_rows(self) -> int:
        """Rows of the filtered signal: channels, band by band."""
        return len(self.ch_names) * len(self.filter.bands)

    @property
    def n_epoch(self) -> int:
        """Columns of one epoch or window of the chain."""
        if self.window is None:
            return self.epoch.latencies.size
        return round(self.window.length * self.sfreq)

    @property
    def windows_per_s(self) -> float:
        """How many windows are scored in a second; 0 without windows."""
        return 0.0 if self.window is None else 1 / self.window.step

    @property
    def row_names(self) -> tuple[str, ...]:
        """Name of each row of the filtered signal: channels, band by band."""
        bands = self.filter.bands
        if len(bands) == 1:
            return self.ch_names
        return tuple(f"{name} {low:g}-{high:g} Hz" for low, high in bands for name in self.ch_names)

    @property
    def scored_s(self) -> float:
        """Seconds from the beginning of what is scored to its last sample."""
        return self.epoch.tmax if self.window is None else self.window.length

    @property
    def starts(self) -> NDArray[np.float64]:
        """Where windows begin, in seconds from the cue, shape (n_windows,); empty without them."""
        return np.zeros(0) if self.window is None else window_starts(self.window, self.interval)


class DecoderHeader(Section, frozen=True, kw_only=True):
    """Everything of a decoder that is not an array.

    Parameters
    ----------
    format_version : int
        Of the file.
    method, kind : str
        How it was trained, and which decoder reads the arrays.
    paradigm : {"p300", "motor_imagery"}
        What is decided.
    classes : tuple of str
        The scores are in their order, with that of idle at the end.
    preprocessing : Preprocessing
        What an epoch or window is.
    network : NetworkSpec, optional
        The architecture, where the decoder is a network.
    covariance : {"scm", "cov", "oas", "lwf", "window"}
        The estimator, where the decoder's kind is that of covariances.
    layout, presentation, stopping : LayoutSpec, Presentation, Stopping
        As the configuration of the training said; see `bci_online.config.kept`.
    translate, channel, channel_of_eeg, mask, join : tuple, str or int, str, int, bool
        How it read markers, as in `MarkerStream`.
    evidence : Evidence
        What scores are worth.
    promise : Promise, optional
        What to expect of live spelling. None with fewer than three letters, in motor imagery, and
        in decoders from before this field.
    expected : tuple of Expected
        What held-out letters predict for live spelling.
    trained_on : tuple of (int, str)
        Size in bytes and SHA-256 of each recording.
    metrics, versions : dict
        Held-out figures, and versions of the libraries.
    held_out, learning : HeldOut, LearningCurve, optional
        For the training's report.
    tried : tuple of Tried
        Where the training chose the method: all that it tried.

    See Also
    --------
    bci_online.decoding.decoder_file.make_decoder : With arrays; has an example.

    Examples
    --------
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> DecoderHeader(method="lda", preprocessing=own).n_values  # one for each class
    2
    """

    format_version: Literal[1] = 1
    method: Label
    kind: Literal["linear", "spatial", "covariance", "network", "uncalibrated"] = "linear"
    paradigm: Literal["p300", "motor_imagery"] = "p300"
    classes: Names = ("nontarget", "target")
    preprocessing: Preprocessing
    network: NetworkSpec | None = None
    covariance: CovarianceName = "scm"
    layout: LayoutSpec = LayoutSpec()
    translate: Rules = ()
    channel: Label | ChannelNumber = ""
    channel_of_eeg: Label = ""
    mask: Mask = 0
    join: bool = False
    presentation: Presentation = Presentation()
    stopping: Stopping = Stopping()
    evidence: Evidence = Evidence()
    promise: Promise | None = None
    expected: Annotated[tuple[Expected, ...], msgspec.Meta(max_length=1000)] = ()
    trained_on: Annotated[tuple[tuple[Whole, Label], ...], msgspec.Meta(max_length=10_000)] = ()
    metrics: Annotated[
        dict[Label, Figure | Whole | Label | None], msgspec.Meta(max_length=1000)
    ] = msgspec.field(default_factory=dict)
    versions: Annotated[dict[Label, Label], msgspec.Meta(max_length=1000)] = msgspec.field(
        default_factory=dict
    )
    held_out: HeldOut | None = None
    learning: LearningCurve | None = None
    tried: Annotated[tuple[Tried, ...], msgspec.Meta(max_length=1000)] = ()

    def check(self) -> None:
        """Refuse evidence of other classes than these, and a network that no decoder reads."""
        # Its code would be taken for checked, although reading the decoder never saw it.
        if self.network is not None and self.kind != "network":
            raise ValueError(f"kind {self.kind!r} takes no network, got {self.network.name!r}")
        trials = self.evidence.trials
        if trials is not None and len(trials.means) != self.n_values:
            raise ValueError(
                f"evidence.trials.means must have a row for each of {self.n_values} values, got "
                f"{len(trials.means)}"
            )

    @property
    def n_values(self) -> int:
        """How many values an epoch or window has: one for each class, and one for idle."""
        return len(self.classes) + bool(self.evidence.idle)
