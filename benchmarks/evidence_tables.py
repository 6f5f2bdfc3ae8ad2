"""The tables of evidence.py, from what was counted of each subject."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.metrics import proportion_interval

N_DRAWS = 2000
STRENGTHS = (0.7, 0.78, 0.83, 0.87, 0.91, 1.0)
"""Limits between groups of subjects: AUC of single flashes."""

EQUAL = (
    "The three stated rates of a rule give a line of seconds against kept errors; both lines are "
    "read at the middle (geometric) of the errors that both have."
)


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
    promised: bool | None


Ways = Sequence[Counted]


Key = tuple[str, int, float, int]
"""Rule, calibration letters, stated rate, repetitions."""


def tables(
    subjects: Sequence[tuple[float, Ways]], real: Mapping[str, Ways], config: Config
) -> list[str]:
    """Return the lines of the page's tables.

    Parameters
    ----------
    subjects : sequence of (float, sequence of Counted)
        AUC of single flashes, and the ways, of each simulated subject.
    real : mapping of str to sequence of Counted
        The ways of each recorded set.
    config : Config
        Seconds of flashes and pauses.
    """
    grouped = _grouped([way for _, ways in subjects for way in ways])
    lines = ["## Stated and kept", "", *_header()]
    lines += [_row(*key, ways, config) for key, ways in grouped.items() if key[0] != "former"]
    present = {key: ways for key, ways in grouped.items() if key[0] == "present"}
    lines = [*in_words(present), "", *lines]
    lines += ["", *_by_promise(present), "", *_by_strength(subjects)]
    lines += ["", "## The former rule", "", *_header()]
    lines += [_row(*key, ways, config) for key, ways in grouped.items() if key[0] == "former"]
    lines += [
        "",
        "## Before and after, at equal error",
        "",
        EQUAL,
        "",
        *_at_equal_error({"simulated": grouped}, config),
    ]
    lines += [
        "",
        "## Nobody looks",
        "",
        "Ten minutes of each subject without a response.",
        "",
        *_nobody({"simulated": grouped}),
    ]
    return [*lines, "", *_real(real, config)] if real else lines


def _grouped(ways: Ways) -> dict[Key, list[Counted]]:
    grouped: dict[Key, list[Counted]] = defaultdict(list)
    for way in ways:
        grouped[way.rule, way.calibration, way.rate, way.repetitions].append(way)
    return grouped


def in_words(present: Mapping[Key, Ways]) -> Iterator[str]:
    """Yield what the tables show: a line of the present rule for each stated rate."""
    for rate in sorted({key[2] for key in present}):
        of_rate = [ways for key, ways in present.items() if key[2] == rate]
        promised = [[way for way in ways if way.promised] for ways in of_rate]
        shares = [_error(ways) for ways in of_rate]
        where = [_error(ways) for ways in promised if ways]
        subjects = sum(map(len, of_rate))
        yield (
            f"- At a stated {100 * rate:g} %, {_range(shares)} of the decided letters are wrong. "
            + (
                f"Training promises the rate in {sum(map(len, promised))} of {subjects} sessions; "
                f"there {_range(where)} are wrong."
                if where
                else "Training never promises the rate."
            )
        )
    typed = [way.typed for ways in present.values() for way in ways if way.typed >= 0]
    yield f"- Nobody looks: letters typed in {10 * len(typed)} minutes: {sum(typed)}."


def _range(shares: Sequence[float]) -> str:
    low, high = (f"{100 * share:.1f}" for share in (min(shares), max(shares)))
    return f"{low} %" if low == high else f"{low} to {high} %"


def _by_promise(present: Mapping[Key, Ways]) -> Iterator[str]:
    """Yield what was kept where training promised the stated rate, and where it did not."""
    yield "Training says whether it keeps the stated rate. Wrong of the decided, % (95 % interval):"
    yield ""
    yield "| calibration letters | stated | sessions promised | wrong | not promised | wrong |"
    yield "|---|---|---|---|---|---|"
    for (_, n, rate, _), ways in present.items():
        cells = []
        for is_promised in (True, False):
            of_them = [way for way in ways if way.promised == is_promised]
            cells.append(f"{len(of_them)} | {_wrong_cell(of_them) if of_them else '-'}")
        yield f"| {n} | {100 * rate:g} % | {' | '.join(cells)} |"


def _by_strength(subjects: Sequence[tuple[float, Ways]]) -> Iterator[str]:
    """Yield what the present rule kept of subjects whose responses are weak, or strong."""
    yield "Wrong of the decided at each stated rate, by the strength of the response:"
    yield ""
    yield "| AUC | subjects | calibration letters | 1 % | 5 % | 10 % | decided at 5 % |"
    yield "|---|---|---|---|---|---|---|"
    for low, high in pairwise(STRENGTHS):
        inside = [ways for auc, ways in subjects if low <= auc < high]
        grouped = _grouped([way for ways in inside for way in ways if way.rule == "present"])
        for n in sorted({key[1] for key in grouped}):
            of_rate = {key[2]: ways for key, ways in grouped.items() if key[1] == n}
            wrong = " | ".join(f"{100 * _error(of_rate[rate]):.1f}" for rate in sorted(of_rate))
            decided, letters = (
                sum(getattr(way, of) for way in of_rate[0.05]) for of in ("decided", "letters")
            )
            share = f"{100 * decided / letters:.0f} %"
            yield f"| {low:.2f}-{high:.2f} | {len(inside)} | {n} | {wrong} | {share} |"


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
    wrong, decided, letters = (
        sum(getattr(way, of) for way in ways) for of in ("wrong", "decided", "letters")
    )
    return (
        f"| {calibration} | {stopping(rule, rate, repetitions)} | {decided} of {letters} "
        f"| {100 * (decided - wrong) / letters:.1f} | {_wrong_cell(ways)} "
        f"| {_repetitions(ways, config):.1f} | {_seconds(ways, config):.1f} |"
    )


def _wrong_cell(ways: Ways) -> str:
    """Return the share of wrong ones among the decided, with its interval over subjects, in %."""
    wrong, decided = (np.array([getattr(way, of) for way in ways]) for of in ("wrong", "decided"))
    low, high = interval(wrong, decided)
    return f"{100 * _error(ways):.1f} ({100 * low:.1f}-{100 * high:.1f})"


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


def _at_equal_error(sets: Mapping[str, Mapping[Key, Ways]], config: Config) -> Iterator[str]:
    """Compare both rules at one error rate, between the rates that they kept."""
    yield (
        "| set | calibration letters | wrong of the decided, % | former, s a letter "
        "| present, s a letter |"
    )
    yield "|---|---|---|---|---|"
    for name, grouped in sets.items():
        for n in sorted({key[1] for key in grouped}):
            curves = [_curve(grouped, rule, n, config) for rule in ("former", "present")]
            low = max(error[0] for error, _ in curves)
            high = min(error[-1] for error, _ in curves)
            cells = "the errors do not meet | - | -"
            if low <= high:
                middle = float(np.exp(np.mean(np.log([low, high]))))
                before, after = (np.interp(np.log(middle), np.log(e), s) for e, s in curves)
                cells = f"{100 * middle:.1f} | {before:.1f} | {after:.1f}"
            yield f"| {name} | {n} | {cells} |"


def _curve(
    grouped: Mapping[Key, Ways], rule: str, n: int, config: Config
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return kept errors, rising, and the seconds of each; half a wrong letter instead of none."""
    found: dict[float, float] = {}
    for key, ways in grouped.items():
        if key[:2] == (rule, n) and sum(way.letters for way in ways):
            error = max(_error(ways), 0.5 / sum(way.letters for way in ways))
            # Of rates that kept the same error, the one that needs the least time counts.
            found[error] = min(_seconds(ways, config), found.get(error, np.inf))
    errors, seconds = zip(*sorted(found.items()), strict=True)
    return np.array(errors), np.array(seconds)


def _nobody(sets: Mapping[str, Mapping[Key, Ways]]) -> Iterator[str]:
    yield "| set | calibration letters | stopping | letters typed | in minutes | most in 10 min |"
    yield "|---|---|---|---|---|---|"
    for name, grouped in sets.items():
        for (rule, n, rate, _), ways in grouped.items():
            typed = [way.typed for way in ways if way.typed >= 0]
            if typed:
                how, most = stopping(rule, rate, 0), max(typed)
                yield (f"| {name} | {n} | {how} | {sum(typed)} | {10 * len(typed)} | {most} |")


def _real(real: Mapping[str, Ways], config: Config) -> list[str]:
    """Return the lines of real sets; their intervals are those of proportions."""
    lines = [
        "## Real subjects",
        "",
        "Their letters are few: the interval is that of a proportion. Flashes of Brain Invaders "
        "and of the Muse have no codes: their letters are dealt. Each repetition of two targets "
        "and ten others that followed each other gets the codes of a matrix at random. Seconds "
        "are those of our screen.",
        "",
        "| set | calibration letters | stopping | decided | wrong of the decided "
        "| of those, % (95 % interval) | repetitions | s a letter |",
        "|---|---|---|---|---|---|---|---|",
    ]
    sets = {name: _grouped(ways) for name, ways in real.items()}
    for name, grouped in sets.items():
        for (rule, n, rate, _), same in grouped.items():
            wrong, decided = sum(way.wrong for way in same), sum(way.decided for way in same)
            low, high = proportion_interval(wrong, decided)
            lines.append(
                f"| {name} | {n} | {stopping(rule, rate, 0)} "
                f"| {decided} of {sum(way.letters for way in same)} | {wrong} "
                f"| {100 * wrong / max(decided, 1):.0f} ({100 * low:.0f}-{100 * high:.0f}) "
                f"| {_repetitions(same, config):.1f} | {_seconds(same, config):.1f} |"
            )
    lines += ["", "At equal error, as above:", "", *_at_equal_error(sets, config)]
    lines += [
        "",
        "Nobody looks: ten minutes of the non-targets that were not used for calibration, under "
        "codes at random, for twenty seeds. The subject looked at another symbol then.",
        "",
        *_nobody(sets),
    ]
    return lines
