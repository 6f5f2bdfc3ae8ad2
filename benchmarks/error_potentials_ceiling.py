"""What error potentials can be worth at best: many rules for what becomes of a letter, simulated.

    python -m benchmarks.error_potentials_ceiling

The subjects are those of `benchmarks/error_potentials.py`, with the true densities of flashes and
potentials in the place of fitted ones. Each rule says when a shown letter stays, whether the second
best symbol takes its place at once, how sure a letter must be that is asked again, and how long
that takes to begin. The best rule of all is a ceiling, found on the letters that it is judged by.
"Letters less sure" also lets the first decision come earlier, and asks unsure letters again
whatever their potential says; "without potentials" does the same with none.
"""

import itertools
import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.paradigms.p300.undoing import OTHER_WISH, STAYS
from bci_online.paradigms.p300.undoing_presentation import CUE_S, PAUSE_S
from benchmarks.error_potentials import RULES, Rule, difference_of

Floats = NDArray[np.float64]

AUC, LETTERS, ROUNDS, FEWEST = 0.75, 10_000, 6, 3
SYMBOLS = 36
SHOWN = Config().presentation
REPETITION_S = 12 * sum(SHOWN.frames()) / SHOWN.refresh_hz
SEEN_S = Config().epoch.tmax + SHOWN.decision_s
BETWEEN_S = SHOWN.pause_s + SHOWN.cue_s


class Way(NamedTuple):
    """A rule for shown letters; `by_itself` asks unsure letters again whatever the potential."""

    stays: float
    next_threshold: float
    second_best: float
    between_s: float
    by_itself: bool


WAYS = tuple(
    Way(stays, 0.85, second_best, between_s, by_itself)
    for stays, second_best, between_s, by_itself in itertools.product(
        (0.5, 0.65, 0.75, 0.85), (0.8, 1.0), (1.25, 0.0), (False, True)
    )
)
AS_BUILT = Way(STAYS, 0.85, 1.0, PAUSE_S + CUE_S, by_itself=False)


def softmax(logits: Floats) -> Floats:
    """Return probabilities, each row's sum 1."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def flashed(
    logits: Floats, difference: float, most: int, threshold: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Flash letters whose wish is symbol 0; return their posteriors and numbers of repetitions."""
    logits, n = logits.copy(), np.zeros(len(logits))
    is_open = np.ones(len(logits), dtype=bool)
    for repetition in range(most):
        lines = rng.standard_normal((2, len(logits), 6))
        lines[:, :, 0] += difference
        rows, columns = difference * lines - difference**2 / 2
        new = (rows[:, :, np.newaxis] + columns[:, np.newaxis]).reshape(len(logits), SYMBOLS)
        logits[is_open] += new[is_open]
        n[is_open] += 1
        if repetition + 1 >= FEWEST:
            is_open &= softmax(logits).max(axis=1) < threshold
    return softmax(logits), n


def rate(rule: Rule, auc: float, way: Way | None) -> float:
    """Return correct characters a minute; without a way every letter stays."""
    rng = np.random.default_rng(1)
    left, logits = np.arange(LETTERS), np.zeros((LETTERS, SYMBOLS))
    characters = seconds = 0.0
    threshold, most = (rule.threshold if rule.dynamic else 2.0), rule.repetitions
    between_s = BETWEEN_S
    for _ in range(ROUNDS):
        posterior, n = flashed(logits[left], rule.difference, most, threshold, rng)
        seconds += float(n.sum()) * REPETITION_S + left.size * (SEEN_S + between_s)
        place, best = np.arange(left.size), posterior.argmax(axis=1)
        is_typed = posterior.max(axis=1) > (0.5 if rule.dynamic else 0.0)
        value = np.where(best == 0, 1.0, -1.0) * is_typed
        if way is None:
            return float((characters + value.sum()) / (seconds / 60))
        ratio = potential(best != 0, auc, rng) * is_typed
        posterior[place, best] *= np.exp(-ratio)
        posterior /= posterior.sum(axis=1, keepdims=True)
        stays = is_typed & (posterior[place, best] > way.stays)
        stays |= is_typed & (ratio <= 0) & (not way.by_itself)
        second = posterior.argmax(axis=1)
        is_replaced = is_typed & ~stays & (posterior.max(axis=1) > way.second_best)
        value[is_replaced] = np.where(second == 0, 1.0, -1.0)[is_replaced]
        is_done = stays | is_replaced
        characters += float(value[is_done].sum())
        mixed = (1 - OTHER_WISH) * posterior + OTHER_WISH / SYMBOLS
        logits[left] = np.where(is_typed[:, np.newaxis], np.log(mixed), 0.0)
        left = left[~is_done]
        threshold, most, between_s = way.next_threshold, 15, way.between_s
    return characters / (seconds / 60)


def potential(is_wrong: NDArray[np.bool_], auc: float, rng: np.random.Generator) -> Floats:
    """Return log-likelihood ratios of potentials, an error against none."""
    difference = difference_of(auc)
    ratio = difference * (rng.standard_normal(is_wrong.size) + difference * is_wrong)
    return np.asarray(ratio - difference**2 / 2)


def first_rules(rule: Rule) -> list[Rule]:
    """Return rules that decide the first time as surely as `rule`, and less surely."""
    if rule.dynamic:
        return [rule._replace(threshold=one) for one in (0.76, 0.8, 0.84, rule.threshold)]
    return [rule._replace(repetitions=one) for one in (5, 6, 7, rule.repetitions)]


def gains(rule: Rule) -> Iterator[float]:
    """Yield what each column gains over letters that all stay, decided by `rule`."""
    before = rate(rule, AUC, None)
    potential_alone = [way for way in WAYS if not way.by_itself]
    yield rate(rule, AUC, AS_BUILT) / before - 1
    yield max(rate(rule, AUC, way) for way in potential_alone) / before - 1
    yield max(rate(one, AUC, way) for one in first_rules(rule) for way in WAYS) / before - 1
    # Without a potential every ratio is 0.
    unread = [way for way in WAYS if way.by_itself]
    yield max(rate(one, 0.5, way) for one in first_rules(rule) for way in unread) / before - 1


def main() -> None:
    """Write the table."""
    head = "as built | best rule | letters less sure, too | without potentials"
    sys.stdout.write(f"| letters | {head} |\n|---|---|---|---|---|\n")
    for rule in RULES:
        cells = " | ".join(f"{100 * gain:+.1f} %" for gain in gains(rule))
        sys.stdout.write(f"| {rule.name} | {cells} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
