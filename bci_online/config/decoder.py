"""What a decoder file says of itself, shared by calibration, which writes it, and decoding."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.sections import (
    Bridge,
    Count,
    EpochSpec,
    FilterSpec,
    LayoutSpec,
    Positive,
    Presentation,
    Probability,
    Section,
    Stopping,
)
from bci_online.translation import TranslationRule

__all__ = ["DecoderHeader", "Evidence", "Preprocessing"]


class Preprocessing(Section, frozen=True, kw_only=True):
    """All that decides what an epoch is; the online chain is built from this and nothing else."""

    ch_names: tuple[str, ...]
    sfreq: Positive
    unit: str = "unknown"
    stream_reference: str = ""
    amplifier: str = ""
    reference: Literal["recorded", "average"] = "recorded"
    filter: FilterSpec = FilterSpec()
    epoch: EpochSpec = EpochSpec()
    max_bridge: Bridge = 0.1
    counter: str = ""
    counter_modulus: Annotated[int, msgspec.Meta(ge=2)] = 256
    counter_step: Count = 1
    display_delay: float = 0.0
    amplifier_delay: float = 0.0

    def check(self) -> None:
        """Refuse a band that the sampling rate cannot hold."""
        if self.filter.h_freq >= self.sfreq / 2:
            raise ValueError(
                f"band ({self.filter.l_freq:g}, {self.filter.h_freq:g}) Hz must satisfy "
                f"h_freq < {self.sfreq / 2:g} Hz (half of sfreq={self.sfreq:g} Hz)"
            )
        if not self.ch_names or len(set(self.ch_names)) < len(self.ch_names):
            raise ValueError(f"ch_names must be different and not empty, got {self.ch_names}")


class Evidence(Section, frozen=True):
    """How scores become evidence: two normal densities of one spread, and a temperature.

    ``threshold`` is the posterior at which a letter may be decided, chosen on held-out letters for
    ``error_rate``; ``promised`` is False where there were too few letters to promise it.
    """

    target_mean: float = 1.0
    nontarget_mean: float = -1.0
    spread: Positive = 1.0
    temperature: Positive = 1.0
    threshold: Probability = 0.95
    error_rate: Probability = 0.05
    expected_error: tuple[float, float, float] | None = None
    promised: bool = False


class DecoderHeader(Section, frozen=True, kw_only=True):
    """Everything of a decoder that is not an array.

    ``trained_on`` has size in bytes and SHA-256 of each recording it was trained on.
    """

    format_version: Literal[1] = 1
    method: str
    paradigm: Literal["p300", "motor_imagery"] = "p300"
    classes: tuple[str, ...] = ("nontarget", "target")
    preprocessing: Preprocessing
    layout: LayoutSpec = LayoutSpec()
    translate: tuple[TranslationRule, ...] = ()
    presentation: Presentation = Presentation()
    stopping: Stopping = Stopping()
    evidence: Evidence = Evidence()
    trained_on: tuple[tuple[int, str], ...] = ()
    metrics: dict[str, float | int | str | None] = msgspec.field(default_factory=dict)
    versions: dict[str, str] = msgspec.field(default_factory=dict)
