"""TOML files into frozen, validated structs, and the structs that two rooms share.

Every key has a default; an unknown key, a wrong type or an impossible value is one line that names
the file, the key, the rule and the value.
"""

import math
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.errors import ConfigError
from bci_online.markers import TranslationRule

__all__ = [
    "Artefacts",
    "Config",
    "DecoderHeader",
    "EegStream",
    "EpochSpec",
    "Evidence",
    "FilterSpec",
    "LayoutSpec",
    "MarkerStream",
    "Preprocessing",
    "Presentation",
    "Simulation",
    "Stopping",
    "read_config",
]

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Probability = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """A frozen table of a configuration; floats are finite."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} must be finite, got {value}")
        self.check()

    def check(self) -> None:
        """Raise ValueError where keys do not fit each other."""


class EegStream(_Section, frozen=True):
    """Which stream is the EEG, and which of its channels take part."""

    name: str = ""
    type: str = "EEG"
    channels: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    counter: str = ""
    counter_modulus: Annotated[int, msgspec.Meta(ge=2)] = 256
    counter_step: Count = 1
    reference: Literal["recorded", "average"] = "recorded"
    max_bridge: NotNegative = 0.1


class MarkerStream(_Section, frozen=True):
    """Which streams are markers (empty: every marker stream), and how to read foreign ones."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ("Markers", "LSL_Marker_Strings", "Marker", "Stim")
    translate: tuple[TranslationRule, ...] = ()
    display_delay: float = 0.0
    amplifier_delay: float = 0.0


class FilterSpec(_Section, frozen=True):
    """A causal Butterworth band-pass, in Hz; ``order`` is that of each edge.

    Order 2 settles in 2.3 s at 0.5-8 Hz, order 4 in 3.8 s, and on the Wadsworth recordings flashes
    are told apart better after it (AUC 0.857 against 0.841, mean of four runs left out in turn).
    """

    l_freq: Positive = 0.5
    h_freq: Positive = 8.0
    order: Annotated[int, msgspec.Meta(ge=1, le=8)] = 2

    def check(self) -> None:
        """Refuse an empty band."""
        if not self.l_freq < self.h_freq:
            raise ValueError(
                f"band ({self.l_freq:g}, {self.h_freq:g}) Hz must satisfy l_freq < h_freq"
            )


class EpochSpec(_Section, frozen=True):
    """Latencies in seconds from the onset sample: ``tmin`` to ``tmax``, one every ``step``."""

    tmin: NotNegative = 0.0
    tmax: Positive = 0.75
    step: Positive = 0.05

    def check(self) -> None:
        """Refuse a window without two latencies, or one that no one would mean."""
        if not self.tmin + self.step <= self.tmax <= 10:
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


class Artefacts(_Section, frozen=True):
    """An epoch is rejected where a channel's peak-to-peak exceeds median + ``k`` MAD; 0 = never.

    Gross artefacts only: at ``k`` = 10 on 64 channels every tenth epoch of a usable recording
    goes, and shrinkage LDA loses 0.01-0.03 AUC.
    """

    k: NotNegative = 50.0


class LayoutSpec(_Section, frozen=True):
    """A matrix of symbols whose rows and columns flash.

    A row is a string of one-character symbols or a list of symbols. ``numbering`` says whether
    codes 1, 2, … are the columns or the rows; the others follow on.
    """

    rows: tuple[str | tuple[str, ...], ...] = (
        "ABCDEF", "GHIJKL", "MNOPQR", "STUVWX", "YZ1234", "56789_",
    )  # fmt: skip
    numbering: Literal["columns-first", "rows-first"] = "columns-first"

    def check(self) -> None:
        """Refuse a matrix with holes or with one symbol twice."""
        if len({len(row) for row in self.rows}) > 1 or any(not row for row in self.rows):
            raise ValueError("every row of the layout needs the same number of symbols")
        symbols = [symbol for row in self.rows for symbol in row]
        if len(set(symbols)) < len(symbols) or "" in symbols:
            twice = sorted({symbol for symbol in symbols if symbols.count(symbol) > 1})
            raise ValueError(f"symbols must be different and not empty; more than once: {twice}")

    @property
    def symbols_of_code(self) -> dict[int, tuple[str, ...]]:
        """Which symbols a flash of each code lights; empty for a layout without rows."""
        rows = [tuple(row) for row in self.rows]
        columns = list(zip(*rows, strict=True))
        lines = rows + columns if self.numbering == "rows-first" else columns + rows
        return dict(enumerate(lines, start=1))


class Presentation(_Section, frozen=True):
    """What the screen shows: times in ms are rounded to whole frames of ``refresh_hz``."""

    flash_ms: Positive = 100.0
    gap_ms: NotNegative = 75.0
    refresh_hz: Positive = 60.0
    repetitions: Count = 15
    cue_s: NotNegative = 1.5
    pause_s: NotNegative = 2.5
    words: tuple[str, ...] = ("THE", "QUICK", "BROWN", "FOX")
    classes: tuple[str, ...] = ("left_hand", "right_hand")
    trials_per_class: Count = 20

    def frames(self) -> tuple[int, int]:
        """Return flash and gap in whole frames."""
        flash = max(1, round(self.flash_ms * self.refresh_hz / 1000))
        return flash, round(self.gap_ms * self.refresh_hz / 1000)


class Stopping(_Section, frozen=True):
    """When a letter is decided: at a stated error rate, at most after so many repetitions."""

    error_rate: Probability = 0.05
    min_repetitions: Count = 2
    max_repetitions: Count = 15


class Simulation(_Section, frozen=True):
    """The simulated amplifier and subject."""

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


class Config(_Section, frozen=True):
    """One configuration file."""

    paradigm: Literal["p300", "motor_imagery"] = "p300"
    eeg: EegStream = EegStream()
    markers: MarkerStream = MarkerStream()
    filter: FilterSpec = FilterSpec()
    epoch: EpochSpec = EpochSpec()
    artefacts: Artefacts = Artefacts()
    layout: LayoutSpec = LayoutSpec()
    presentation: Presentation = Presentation()
    stopping: Stopping = Stopping()
    simulation: Simulation = Simulation()

    def check(self) -> None:
        """Refuse latencies that would alias the band."""
        most = 0.5 / self.epoch.step
        if self.filter.h_freq > most + 1e-9:
            raise ValueError(
                f"filter.h_freq={self.filter.h_freq:g} Hz must be at most {most:g} Hz "
                f"(half of the latencies' rate, 1/epoch.step); widen the one or shorten the other"
            )


class Preprocessing(_Section, frozen=True, kw_only=True):
    """All that decides what an epoch is; the online chain is built from this and nothing else."""

    ch_names: tuple[str, ...]
    sfreq: Positive
    unit: str = "unknown"
    stream_reference: str = ""
    amplifier: str = ""
    reference: Literal["recorded", "average"] = "recorded"
    filter: FilterSpec = FilterSpec()
    epoch: EpochSpec = EpochSpec()
    max_bridge: NotNegative = 0.1
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


class Evidence(_Section, frozen=True):
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


class DecoderHeader(_Section, frozen=True, kw_only=True):
    """Everything of a decoder that is not an array."""

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
    training_hash: str = ""
    metrics: dict[str, float | int | str | None] = {}
    versions: dict[str, str] = {}


def read_config(path: Path | None) -> Config:
    """Read a TOML file; None gives the defaults.

    Raises
    ------
    ConfigError
        One line: file, key, rule, value.
    """
    if path is None:
        return Config()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from None
    try:
        return msgspec.convert(tables, Config)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ConfigError(f"{path}: {_explained(str(error), tables)}") from None


def _explained(error: str, tables: dict[str, Any]) -> str:
    """Turn msgspec's message into key, rule, value; it names the path but not the value."""
    rule, _, where = error.partition(" - at `$")
    keys = where.rstrip("`").lstrip(".")
    if not keys:
        return rule
    value: Any = tables
    for part in keys.replace("[", ".[").split("."):
        try:
            value = value[int(part[1:-1])] if part.startswith("[") else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return f"{keys}: {rule}"
    if isinstance(value, dict):
        return f"{keys}: {rule}"
    return f"{keys}: {rule}, got {value!r}"
