"""Does the promise of a short calibration hold, and how wide is it.

A shrinkage LDA is trained on the first 3, 5, 8 and 20 calibration letters at a stated error rate of
5 %. Its promise is made then; `P300Speller` decides the fresh letters afterwards.

The promise is about the subject's own share of right letters. A hundred letters show that share
with an error of about 2 %. So a promise counts as kept where the count of the fresh
letters lies in the 95 % interval that follows from the promised one for so many letters
(beta-binomial). Seconds are treated in the same way: the variance of the mean of the letters is
added. Promised numbers are means over subjects.

Real subjects have few letters, so they are counted together.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
from scipy.stats import beta, betabinom, norm

from bci_online.config import Config, Promise
from bci_online.metrics import auc, proportion_interval
from benchmarks.decided_letters import decided, scored_flashes, scores_of
from benchmarks.real_letters import real_subjects
from calibration.p300.epochs import EpochSet
from calibration.p300.expectations import seconds_per_letter
from calibration.p300.fitting import FittedDecoder, LinearMethod
from calibration.p300.promise import promise_of
from calibration.p300.recorded_epochs import RecordedEpochs

TAIL = 0.025
SIZES = np.geomspace(0.1, 1e6, 2000)


class Kept(msgspec.Struct, frozen=True):
    """A promise, and what the fresh letters showed; seconds are a mean and its variance."""

    promise: Promise
    letters: int
    decided: int
    right: int
    seconds: tuple[float, float]
    auc: float


def trained(
    recorded: RecordedEpochs, rows: np.ndarray, config: Config
) -> tuple[FittedDecoder, Promise | None]:
    """Train on some epochs and promise."""
    fitted = LinearMethod(name="lda").fit(recorded, rows, config)
    promise = promise_of(
        fitted.letters, fitted.evidence, config.stopping, config.presentation, config.epoch.tmax
    )
    return fitted, promise


def compared(
    fitted: FittedDecoder, promise: Promise | None, fresh: EpochSet, config: Config
) -> Kept | None:
    """Spell the fresh letters; return the promise beside what came of them, None for no promise."""
    if promise is None:
        return None
    letters = scored_flashes(scores_of(fitted, fresh), fresh)
    decisions = decided(letters, fitted.evidence, config)
    typed = [one for one in decisions if one.value is not None]
    flashes = np.array([one.flashes for one in decisions], dtype=float)
    seconds = seconds_per_letter(flashes, config.presentation, config.epoch.tmax)
    variance = float(seconds.var(ddof=1)) / seconds.size if seconds.size > 1 else 0.0
    return Kept(
        promise=promise,
        letters=len(decisions),
        decided=len(typed),
        right=sum(one.value == one.truth for one in typed),
        seconds=(float(seconds.mean()), variance),
        auc=auc(fresh.y, fitted.ratios(fresh)),
    )


def holds_count(interval: tuple[float, float, float], count: int, of: int) -> bool:
    """Return whether a count is within what a promised share allows for so many letters."""
    low, middle, high = interval
    if not 0 < middle < 1 or low == high:
        return low * of - 1 < count < high * of + 1

    ends = beta.ppf([[TAIL], [1 - TAIL]], middle * SIZES, (1 - middle) * SIZES)
    widths = ends[1] - ends[0]
    # Very small sizes put all mass at 0 and 1, and their intervals are narrow again.
    wide = np.flatnonzero(widths >= high - low)
    size = SIZES[wide[-1] if wide.size else widths.argmax()]
    density = betabinom(of, middle * size, (1 - middle) * size)
    return bool(density.cdf(count) > TAIL and density.sf(count - 1) > TAIL)


def holds_seconds(interval: tuple[float, float, float], seconds: tuple[float, float]) -> bool:
    """Return whether a mean is within what is promised, its own variance added."""
    low, middle, _ = interval
    mean, variance = seconds
    promised = (middle - low) / norm.ppf(1 - TAIL)
    # The interval is that of a logarithm: the longer side is the upper one.
    spread = promised if mean < middle else promised * mean / middle
    return bool(abs(mean - middle) <= norm.ppf(1 - TAIL) * np.hypot(spread, np.sqrt(variance)))


def held_of(kept: list[Kept]) -> dict[str, list[bool]]:
    """Return whether each subject's session is within its promise, for each promised number."""
    return {
        "right": [holds_count(one.promise.right, one.right, one.letters) for one in kept],
        "seconds": [holds_seconds(one.promise.seconds, one.seconds) for one in kept],
        "error": [
            holds_count(one.promise.error, one.decided - one.right, one.decided) for one in kept
        ],
    }


def row(n: int, kept: list[Kept]) -> str:
    """Return the line of one calibration's length."""
    promises = [one.promise for one in kept]
    held = held_of(kept)
    cells = [f"| {n} "]
    for name, seen in (
        ("right", [100 * one.right / one.letters for one in kept]),
        ("seconds", [one.seconds[0] for one in kept]),
        ("error", [100 * (one.decided - one.right) / max(one.decided, 1) for one in kept]),
    ):
        scale = 1 if name == "seconds" else 100
        ends = scale * np.mean([getattr(promise, name) for promise in promises], axis=0)
        digits = 0 if name == "right" else 1
        low, middle, high = (f"{end:.{digits}f}" for end in ends)
        share = 100 * np.mean(held[name])
        cells.append(f"| {middle} ({low}-{high}) | {np.mean(seen):.{digits}f} | {share:.0f} % ")
    return "".join(cells) + "|"


def table(kept_of: Mapping[int, list[Kept]]) -> list[str]:
    """Return the lines of the table; what was promised after so many calibration letters."""
    held = [held_of(kept) for kept in kept_of.values()]
    counts = {
        name: (sum(sum(of[name]) for of in held), sum(len(of[name]) for of in held))
        for name in ("right", "seconds", "error")
    }
    return [
        "Intervals of 95 % held for "
        + ", ".join(
            f"{words} in {kept} of {of} sessions ({100 * kept / of:.0f} %)"
            for words, (kept, of) in zip(
                ("letters right", "seconds a letter", "wrong ones of the decided"),
                counts.values(),
                strict=True,
            )
        )
        + ".",
        "",
        "| calibration letters | right, % (interval) | seen | kept | s a letter (interval) | seen "
        "| kept | wrong of the decided, % (interval) | seen | kept |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(row(n, kept) for n, kept in kept_of.items()),
    ]


def real_sets(recordings: Path) -> list[str]:
    """Return the lines of real subjects: calibrated on some letters, tried on others."""
    lines = [
        "| set | calibration letters | right, % (interval) | seen (95 % interval) "
        "| wrong of the decided, % (interval) | seen |",
        "|---|---|---|---|---|---|",
    ]
    kept: dict[str, list[Kept]] = {}
    for one in real_subjects(recordings):
        fitted, promise = trained(one.recorded, one.calibration, one.config)
        found = compared(fitted, promise, one.fresh, one.config)
        kept.setdefault(one.set_name, []).extend([] if found is None else [found])
    return [*lines, *(real_row(name, of_set) for name, of_set in kept.items())]


def real_row(name: str, kept: list[Kept]) -> str:
    """Return the line of one real set."""
    letters, decided, right = (
        sum(getattr(one, what) for one in kept) for what in ("letters", "decided", "right")
    )
    low, high = proportion_interval(right, letters)
    cells = []
    for what in ("right", "error"):
        ends = 100 * np.mean([getattr(one.promise, what) for one in kept], axis=0)
        cells.append(f"{ends[1]:.0f} ({ends[0]:.0f}-{ends[2]:.0f})")
    n = "/".join(str(n) for n in sorted({one.promise.letters for one in kept}))
    return (
        f"| {name} | {n} | {cells[0]} | {right} of {letters} ({100 * low:.0f}-{100 * high:.0f}) "
        f"| {cells[1]} | {decided - right} of {decided} |"
    )
