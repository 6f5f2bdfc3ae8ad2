"""The tables of evidence.py, from what was counted of each subject."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.metrics import proportion_interval

N_DRAWS = 2000


class Counted(Protocol):
    """One session, decided in one way; see `evidence.Way`."""

    rule: str
    calibration: int
    rate: float
    repetitions: int
    letters: int
    decided: int
    wrong: int
    flashes: int
    typed: int


Ways = Sequence[Counted]


def tables(subjects: Sequence[Ways], real: Mapping[str, Ways], config: Config) -> list[str]:
    """Return the lines of the page's tables; `real` has the ways of each set."""
    grouped: dict[tuple[str, int, float, int], list[Counted]] = defaultdict(list)
    for ways in subjects:
        for way in ways:
            grouped[way.rule, way.calibration, way.rate, way.repetitions].append(way)
    lines = ["## Stated and kept", "", *_header()]
    lines += [_row(*key, ways, config) for key, ways in grouped.items() if key[0] != "former"]
    lines += ["", "## The former rule", "", *_header()]
    lines += [_row(*key, ways, config) for key, ways in grouped.items() if key[0] == "former"]
    lines += ["", *_at_equal_error(grouped, config), "", *_nobody(grouped)]
    return [*lines, "", *_real(real, config)] if real else lines


def stopping(rule: str, rate: float, repetitions: int) -> str:
    """Return how letters were ended, in words."""
    if repetitions:
        return f"{repetitions} repetitions"
    return f"{100 * rate:g} % stated" + ", former rule" * (rule == "former")


def interval(wrong: NDArray[np.int64], decided: NDArray[np.int64]) -> tuple[float, float]:
    """Return a 95 % bootstrap interval of the error rate over subjects."""
    if not wrong.any():
        return proportion_interval(0, int(decided.sum()))
    rng = np.random.default_rng(0)
    drawn = rng.integers(wrong.size, size=(N_DRAWS, wrong.size))
    low, high = np.percentile(wrong[drawn].sum(1) / decided[drawn].sum(1), [2.5, 97.5])
    return float(low), float(high)


def _header() -> list[str]:
    return [
        "| calibration letters | stopping | decided | right of all, % | wrong of the decided, % "
        "(95 % interval over subjects) | repetitions | s a letter |",
        "|---|---|---|---|---|---|---|",
    ]


def _row(
    rule: str, calibration: int, rate: float, repetitions: int, ways: Ways, config: Config
) -> str:
    wrong, decided = (np.array([getattr(way, of) for way in ways]) for of in ("wrong", "decided"))
    letters = sum(way.letters for way in ways)
    low, high = interval(wrong, decided)
    return (
        f"| {calibration} | {stopping(rule, rate, repetitions)} | {decided.sum()} of {letters} "
        f"| {100 * (decided.sum() - wrong.sum()) / letters:.1f} "
        f"| {100 * _error(ways):.1f} ({100 * low:.1f}-{100 * high:.1f}) "
        f"| {_repetitions(ways, config):.1f} | {_seconds(ways, config):.1f} |"
    )


def _error(ways: Ways) -> float:
    return sum(way.wrong for way in ways) / max(sum(way.decided for way in ways), 1)


def _repetitions(ways: Ways, config: Config) -> float:
    n_codes = len(config.layout.symbols_of_code)
    return sum(way.flashes for way in ways) / sum(way.letters for way in ways) / n_codes


def _seconds(ways: Ways, config: Config) -> float:
    flash, gap = config.presentation.frames()
    soa_s = (flash + gap) / config.presentation.refresh_hz
    flashes = sum(way.flashes for way in ways) / sum(way.letters for way in ways)
    return flashes * soa_s + config.presentation.cue_s + config.presentation.pause_s


def _at_equal_error(
    grouped: Mapping[tuple[str, int, float, int], Ways], config: Config
) -> list[str]:
    """Compare both rules at one error rate, between the rates that they kept."""
    lines = [
        "## Before and after, at equal error",
        "",
        "The three stated rates of a rule give a line of seconds against kept errors; both lines "
        "are read at the middle (geometric) of the errors that both have.",
        "",
        "| calibration letters | wrong of the decided, % | former, s a letter "
        "| present, s a letter |",
        "|---|---|---|---|",
    ]
    for n in sorted({key[1] for key in grouped}):
        curves = [_curve(grouped, rule, n, config) for rule in ("former", "present")]
        low, high = (
            max(error[0] for error, _ in curves), min(error[-1] for error, _ in curves)
        )  # fmt: skip
        if low > high:
            lines.append(f"| {n} | the errors do not meet | - | - |")
            continue
        middle = float(np.exp(np.mean(np.log([low, high]))))
        before, after = (np.interp(np.log(middle), np.log(e), s) for e, s in curves)
        lines.append(f"| {n} | {100 * middle:.1f} | {before:.1f} | {after:.1f} |")
    return lines


def _curve(
    grouped: Mapping[tuple[str, int, float, int], Ways], rule: str, n: int, config: Config
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return kept errors, rising, and the seconds of each; half a wrong letter instead of none."""
    found = []
    for key, ways in grouped.items():
        if key[:2] == (rule, n):
            least = 0.5 / max(sum(way.decided for way in ways), 1)
            found.append((max(_error(ways), least), _seconds(ways, config)))
    errors, seconds = zip(*sorted(found), strict=True)
    return np.array(errors), np.array(seconds)


def _nobody(grouped: Mapping[tuple[str, int, float, int], Ways]) -> list[str]:
    lines = [
        "## Nobody looks",
        "",
        "Ten minutes of each subject without a response.",
        "",
        "| calibration letters | stopping | letters typed | in minutes | most of one subject |",
        "|---|---|---|---|---|",
    ]
    for (rule, n, rate, _), ways in grouped.items():
        typed = [way.typed for way in ways if way.typed >= 0]
        if typed:
            how = stopping(rule, rate, 0)
            lines.append(f"| {n} | {how} | {sum(typed)} | {10 * len(typed)} | {max(typed)} |")
    return lines


def _real(real: Mapping[str, Ways], config: Config) -> list[str]:
    """Return the lines of real sets; their intervals are those of proportions."""
    lines = [
        "## Real subjects",
        "",
        "Their letters are few: the interval is that of a proportion.",
        "",
        "| set | calibration letters | stopping | decided | wrong of the decided "
        "| of those, % (95 % interval) | repetitions |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, ways in real.items():
        grouped: dict[tuple[int, str, float], list[Counted]] = defaultdict(list)
        for way in ways:
            grouped[way.calibration, way.rule, way.rate].append(way)
        for (n, rule, rate), same in grouped.items():
            wrong, decided = sum(way.wrong for way in same), sum(way.decided for way in same)
            low, high = proportion_interval(wrong, decided)
            lines.append(
                f"| {name} | {n} | {stopping(rule, rate, 0)} "
                f"| {decided} of {sum(way.letters for way in same)} | {wrong} "
                f"| {100 * wrong / max(decided, 1):.0f} ({100 * low:.0f}-{100 * high:.0f}) "
                f"| {_repetitions(same, config):.1f} |"
            )
    return lines
