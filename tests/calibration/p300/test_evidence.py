"""What is stated of errors comes true on new letters."""

import msgspec
import numpy as np
import pytest

from bci_online.config import Evidence, LayoutSpec, Stopping
from bci_online.markers import Flash, TrialStart
from bci_online.messages import Decision, Marker, Score
from bci_online.metrics import auc, proportion_interval
from bci_online.paradigms.p300.decision import P300Speller
from calibration.p300.evidence import fit_evidence
from calibration.p300.letter_stopping import log_posteriors, stopped
from calibration.p300.scored_letters import ScoredLetter

MATRIX = LayoutSpec().symbols_of_code
SYMBOLS = tuple(dict.fromkeys(symbol for line in MATRIX.values() for symbol in line))
LIT = np.array([[symbol in MATRIX[code] for symbol in SYMBOLS] for code in MATRIX])


def letters(n: int, seed: int, repetitions: int = 15) -> list[ScoredLetter]:
    """Return letters whose single flashes have an AUC of about 0.85."""
    rng = np.random.default_rng(seed)
    made = []
    for truth in rng.integers(len(SYMBOLS), size=n):
        rows = np.concatenate([rng.permutation(len(LIT)) for _ in range(repetitions)])
        lit = LIT[rows]
        scores = rng.normal(np.where(lit[:, truth], 1.0, -1.0), 1.36)
        made.append(
            ScoredLetter(scores, lit[:, truth], lit, np.arange(rows.size) // len(LIT), int(truth))
        )
    return made


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.01, 0.05])
def test_the_stated_error_rate_is_kept_on_new_letters_in_less_time_than_all_repetitions(rate):
    stopping = Stopping(error_rate=rate)
    wrong = decided = flashes = 0
    for subject in range(6):
        known, new = letters(24, 2 * subject), letters(100, 2 * subject + 1)
        scores = np.concatenate([letter.scores for letter in known])
        y = np.concatenate([letter.is_target for letter in known])
        assert auc(y, scores) == pytest.approx(0.85, abs=0.02)
        evidence = fit_evidence(scores, y, known, stopping)
        for letter in new:
            log_posterior = log_posteriors(letter.scores, letter, evidence)
            is_decided, at = stopped(
                np.exp(log_posterior.max(axis=1)),
                letter.repetition,
                stopping,
                np.array([evidence.threshold]),
            )
            decided += int(is_decided[0])
            wrong += int(is_decided[0] and log_posterior[at[0]].argmax() != letter.truth)
            flashes += int(at[0]) + 1

    low, _ = proportion_interval(wrong, decided)
    assert low <= rate
    assert decided > 590
    assert flashes / 600 < 0.6 * 15 * len(LIT)


@pytest.mark.parametrize("n", [0, 4])
def test_evidence_without_a_rule_is_the_same_but_for_the_threshold(n):
    known = letters(4, 0)
    scores = np.concatenate([letter.scores for letter in known])
    y = np.concatenate([letter.is_target for letter in known])

    found = fit_evidence(scores, y, known[:n], Stopping(error_rate=0.1))
    without = fit_evidence(scores, y, known[:n], None)

    default = Evidence()
    unset = {name: getattr(default, name) for name in ("threshold", "error_rate", "promised")}
    assert without == msgspec.structs.replace(found, **unset)


@pytest.mark.parametrize("nobody", [0.0, 0.5])
@pytest.mark.parametrize("least", [1, 2, 4])
def test_a_letter_is_stopped_where_the_speller_stops_it(least, nobody):
    """No earlier than with the last flash of the least repetitions."""
    stopping = Stopping(min_repetitions=least)
    evidence = Evidence(
        target_mean=1.0,
        nontarget_mean=-1.0,
        spread=1.36,
        code_spread=0.3 * nobody,
        letter_spread=0.4 * nobody,
        nobody=nobody,
        threshold=0.6,
    )
    for letter in letters(20, 5):
        log_posterior = log_posteriors(letter.scores, letter, evidence)
        decided, at = stopped(
            np.exp(log_posterior.max(axis=1)), letter.repetition, stopping, np.array([0.6])
        )

        speller = P300Speller(MATRIX, evidence, stopping, window_s=0.75)
        speller.push(TrialStart(1, SYMBOLS[letter.truth]), 0.0, None)
        found = []
        for n, (score, lit) in enumerate(zip(letter.scores, letter.lit, strict=True)):
            code = next(c for c, row in zip(MATRIX, LIT, strict=True) if (row == lit).all())
            marker = Marker(f"flash/{code}", n * 0.1)
            scored = Score(marker, n * 0.1, np.array([0.0, score]), n)
            found += speller.push(Flash(code, None), n * 0.1, scored)

        (decision,) = (message for message in found if isinstance(message, Decision))
        assert decided[0]
        assert decision.flashes == at[0] + 1
        assert decision.value == SYMBOLS[int(log_posterior[at[0]].argmax())]
