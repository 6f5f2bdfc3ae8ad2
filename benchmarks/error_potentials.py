"""What error potentials are worth: correct characters a minute, with and without them.

A simulated subject writes a text with the speller's own decision, evidence and undo. Scores of
flashes and of answers are drawn from normal densities; all times are counted. A wrong letter that
stays must be removed with a backspace, which may go wrong, too.

    python -m benchmarks.error_potentials > docs/error-potentials-table.md
"""

import sys
from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import typer

from bci_online.config import Config, Evidence, Stopping
from bci_online.markers import Feedback, Flash, TrialStart
from bci_online.messages import Decision, Marker, Message, Reconsidered, Score
from bci_online.notes import Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.flash_order import row_column
from bci_online.paradigms.p300.text_prior import TextPrior
from bci_online.paradigms.p300.undoing import UndoingSpeller
from bci_online.paradigms.p300.undoing_presentation import CUE_S, PAUSE_S
from calibration.p300.answer_evidence import surely_known
from calibration.p300.evidence import densities

AUCS = (0.5, 0.75, 0.9)
ANSWERS, WRONG = 80, 0.25
SELECTIONS = 75
MARKER = Marker("", 0.0)


class Rule(NamedTuple):
    """A way to decide letters, and the subject whose letters it gets wrong in about 10 %."""

    name: str
    difference: float
    threshold: float
    repetitions: int
    dynamic: bool


RULES = (
    Rule("dynamic stopping", 0.9, 0.88, 15, True),
    Rule("all repetitions", 1.1, 0.95, 8, False),
)


class Written(NamedTuple):
    """What one subject wrote: steps forward less steps back, minutes, wrong and all selections."""

    characters: int
    minutes: float
    wrong: int
    selections: int


def difference_of(auc: float) -> float:
    """Return how many spreads apart two normal densities of this AUC are."""
    return 2**0.5 * NormalDist().inv_cdf(auc)


def calibrated(auc: float, rng: np.random.Generator) -> Evidence:
    """Return what held-out scores of a calibration with this AUC say of a score."""
    is_wrong = np.arange(ANSWERS) < round(ANSWERS * WRONG)
    scores = rng.standard_normal(ANSWERS) + difference_of(auc) * is_wrong
    return surely_known(densities(scores, is_wrong), is_wrong)


def speller(rule: Rule, config: Config, errors: Evidence) -> UndoingSpeller:
    """Return what decides letters and takes them back."""
    evidence = Evidence(target_mean=rule.difference, nontarget_mean=0.0, threshold=rule.threshold)
    stopping, prior = Stopping(max_repetitions=rule.repetitions), TextPrior()
    symbols, tmax = config.layout.symbols_of_code, config.epoch.tmax
    letters = P300Speller(symbols, evidence, stopping, tmax, rule.dynamic, prior)
    return UndoingSpeller(letters, prior, errors)


def score(value: float) -> Score:
    """Return the score of a flash or of an answer."""
    return Score(MARKER, 0.0, np.array([0.0, value]), 0)


class Subject:
    """Writes letter after letter, and sees each answer.

    Parameters
    ----------
    rule : Rule
        How letters are decided.
    auc : float
        Of single error potentials.
    reads_errors : bool
        Whether they are used. The same flashes come either way until the first undo.
    seed : int
        Of the subject.
    """

    def __init__(self, rule: Rule, auc: float, *, reads_errors: bool, seed: int) -> None:
        self._config, self._rule = Config(), rule
        self._difference, self._reads_errors = difference_of(auc), reads_errors
        self._flashes, self._potentials, calibration = (
            np.random.default_rng((seed, use)) for use in range(3)
        )
        self._speller = speller(rule, self._config, calibrated(auc, calibration))
        shown = self._config.presentation
        self._flash_s = sum(shown.frames()) / shown.refresh_hz
        # After an answer comes the pause; the answer is shown for longer than its epoch lasts.
        assert shown.decision_s >= self._config.epoch.tmax
        self._seen_s = self._config.epoch.tmax + shown.decision_s
        self._next_s, self._again_s = shown.pause_s + shown.cue_s, PAUSE_S + CUE_S

    def write(self) -> Written:
        """Return what `SELECTIONS` selections have written."""
        characters = wrong = 0
        seconds = 0.0
        wish = "A"
        for trial in range(1, SELECTIONS + 1):
            decision, n_flashes = self._select(wish, trial)
            seconds += n_flashes * self._flash_s + self._seen_s
            if decision.value is None:
                seconds += self._next_s
                continue
            is_right = decision.value == wish
            wrong += not is_right
            if self._stays(is_right, trial):
                characters += 1 if is_right else -1
                seconds += self._next_s
            else:
                self._speller.push(Undo(trial), 0.0, None)
                seconds += self._again_s
                continue
            wish = str(self._flashes.choice([*"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]))
        return Written(characters, seconds / 60, wrong, SELECTIONS)

    def _select(self, wish: str, trial: int) -> tuple[Decision, int]:
        """Flash until a letter is decided, or until its last repetition."""
        self._speller.push(TrialStart(trial), 0.0, None)
        layout, rule = self._config.layout, self._rule
        n = 0
        for repetition in row_column(layout, rule.repetitions, self._flashes):
            for code in repetition.codes:
                n += 1
                lit = wish in layout.symbols_of_code[code]
                value = self._flashes.standard_normal() + rule.difference * lit
                for message in self._speller.push(Flash(code), 0.0, score(value)):
                    if isinstance(message, Decision):
                        return message, n
        raise AssertionError("a letter ends with its last repetition")

    def _stays(self, is_right: bool, trial: int) -> bool:
        """Show a letter; return whether it stays."""
        value = self._potentials.standard_normal() + self._difference * (not is_right)
        if not self._reads_errors:
            return True
        messages: list[Message] = self._speller.push(Feedback("start"), 0.0, score(value))
        (again,) = (one for one in messages if isinstance(one, Reconsidered))
        return again.value is not None


def written(rule: Rule, auc: float, subjects: int, *, reads_errors: bool) -> list[Written]:
    """Return what each subject writes."""
    return [Subject(rule, auc, reads_errors=reads_errors, seed=n).write() for n in range(subjects)]


def rate(written: list[Written]) -> float:
    """Return correct characters a minute."""
    return sum(one.characters for one in written) / sum(one.minutes for one in written)


def interval(without: list[Written], having: list[Written]) -> tuple[float, float]:
    """Return the 95 % interval of the gain; whole subjects are drawn again."""
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(1000):
        drawn = rng.integers(len(without), size=len(without))
        gains.append(rate([having[n] for n in drawn]) / rate([without[n] for n in drawn]) - 1)
    low, high = np.percentile(gains, [2.5, 97.5])
    return float(low), float(high)


def rows(subjects: int) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| letters | letter error | AUC of potentials | characters/min without | with | gain |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES:
        # Nothing of it depends on the potentials.
        without = written(rule, AUCS[0], subjects, reads_errors=False)
        for auc in AUCS:
            having = written(rule, auc, subjects, reads_errors=True)
            error = sum(one.wrong for one in without) / sum(one.selections for one in without)
            low, high = interval(without, having)
            before, after = rate(without), rate(having)
            yield (
                f"| {rule.name} | {100 * error:.1f} % | {auc:.2f} | {before:.2f} | {after:.2f} | "
                f"{100 * (after / before - 1):+.1f} % ({100 * low:+.1f} to {100 * high:+.1f}) |"
            )


def main(subjects: int = 15) -> None:
    """Write the table."""
    for line in rows(subjects):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
