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
from scipy.special import softmax

from bci_online.config import Config
from bci_online.paradigms.p300.undoing import OTHER_WISH, STAYS
from bci_online.paradigms.p300.undoing_presentation import CUE_S, PAUSE_S
from benchmarks.error_potentials import RULES, Rule, difference_of

Floats = NDArray[np.float64]

IN_LANGUAGE = (RULES[0]._replace(threshold=0.8), RULES[1]._replace(repetitions=5))
"""They, too, get about 10 % of the letters wrong."""

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


def flashed(
    logits: Floats, difference: float, most: int, threshold: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Flash letters whose wish is symbol 0; return their posteriors and numbers of repetitions."""
    logits, n = logits.copy(), np.zeros(len(logits))
    left = np.arange(len(logits))
    for repetition in range(most):
        lines = rng.standard_normal((2, len(logits), 6))[:, left]
        lines[:, :, 0] += difference
        rows, columns = difference * lines - difference**2 / 2
        new = (rows[:, :, np.newaxis] + columns[:, np.newaxis]).reshape(left.size, SYMBOLS)
        logits[left] += new
        n[left] += 1
        if threshold <= 1 and repetition + 1 >= FEWEST:
            left = left[softmax(logits[left], axis=1).max(axis=1) < threshold]
    return softmax(logits, axis=1), n


def priors(has_language: bool, rng: np.random.Generator) -> Floats:
    """Return log priors (LETTERS, SYMBOLS) of letters whose wish is symbol 0.

    In a language the wish is the likeliest symbol in every second letter, as in English.
    """
    if not has_language:
        return np.zeros((LETTERS, SYMBOLS))
    shares = np.arange(1, SYMBOLS + 1) ** -1.6
    shares /= shares.sum()
    ranks = rng.permuted(np.tile(np.arange(SYMBOLS), (LETTERS, 1)), axis=1)
    wish = rng.choice(SYMBOLS, size=(LETTERS, 1), p=shares)
    ranks = np.where(ranks == wish, ranks[:, :1], ranks)
    ranks[:, 0] = wish[:, 0]
    return np.asarray(np.log(shares[ranks]))


def rate(rule: Rule, auc: float, way: Way | None, has_language: bool) -> float:
    """Return correct characters a minute; without a way every letter stays."""
    rng = np.random.default_rng(1)
    before = priors(has_language, rng)
    left, logits = np.arange(LETTERS), before.copy()
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
        logits[left] = np.where(is_typed[:, np.newaxis], np.log(mixed), before[left])
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
        return [rule._replace(threshold=rule.threshold - less) for less in (0.12, 0.08, 0.04, 0.0)]
    return [rule._replace(repetitions=rule.repetitions - fewer) for fewer in (3, 2, 1, 0)]


def gains(rule: Rule, has_language: bool) -> Iterator[float]:
    """Yield what each column gains over letters that all stay, decided by `rule`."""

    def best(rules: list[Rule], auc: float, ways: list[Way]) -> float:
        found = (rate(one, auc, way, has_language) for one in rules for way in ways)
        return max(found) / before - 1

    before = rate(rule, AUC, None, has_language)
    yield best([rule], AUC, [AS_BUILT])
    yield best([rule], AUC, [way for way in WAYS if not way.by_itself])
    yield best(first_rules(rule), AUC, list(WAYS))
    # Without a potential every ratio is 0.
    yield best(first_rules(rule), 0.5, [way for way in WAYS if way.by_itself])


def main() -> None:
    """Write the table."""
    head = "as built | best rule | letters less sure, too | without potentials"
    sys.stdout.write(f"| letters | {head} |\n|---|---|---|---|---|\n")
    for rule, has_language in [(one, False) for one in RULES] + [
        (one, True) for one in IN_LANGUAGE
    ]:
        cells = " | ".join(f"{100 * gain:+.1f} %" for gain in gains(rule, has_language))
        sys.stdout.write(f"| {rule.name}{', language' * has_language} | {cells} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
