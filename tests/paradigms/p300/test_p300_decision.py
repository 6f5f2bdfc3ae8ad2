import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bci_online.config import Evidence, LayoutSpec, Stopping
from bci_online.markers import Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Decision, Marker, Rejected, Retracted, Score, Status
from bci_online.paradigms.p300.decision import LetterEvidence, P300Speller, log_likelihood_ratio

MATRIX = LayoutSpec().symbols_of_code
SMALL = {1: ("A", "C"), 2: ("B", "D"), 3: ("A", "B"), 4: ("C", "D")}
EVIDENCE = Evidence(target_mean=1.0, nontarget_mean=-1.0, spread=1.0, threshold=0.95)
WINDOW_S = 0.75
SCORES = st.lists(st.tuples(st.sampled_from([1, 2, 3, 4]), st.floats(-5, 5)), max_size=30)


def speller(layout=SMALL, evidence=EVIDENCE, dynamic=True, least=1, most=15) -> P300Speller:
    stopping = Stopping(min_repetitions=least, max_repetitions=most)
    return P300Speller(layout, evidence, stopping, WINDOW_S, dynamic)


class Screen:
    """Pushes a letter's markers into a speller, one every 0.1 s; collects what is decided."""

    def __init__(self, mind: P300Speller) -> None:
        self.mind = mind
        self.time = 0.0
        self.said: list[Decision] = []
        self.warned: list[Status] = []

    def push(self, event, outcome=None) -> list[Decision]:
        self.time += 0.1
        found = self.mind.push(event, self.time, outcome)
        decisions = [message for message in found if isinstance(message, Decision)]
        self.said += decisions
        self.warned += [message for message in found if isinstance(message, Status)]
        return decisions

    def start(self, symbol: str = "", number: int | None = None) -> "Screen":
        self.push(TrialStart(number, symbol))
        return self

    def flash(self, code: int, score: float | None, label: bool | None = None) -> Marker:
        marker = Marker(Flash(code, label).text(), self.time + 0.1)
        outcome: Score | Rejected = Rejected(marker, "artefact", marker.time)
        if score is not None:
            outcome = Score(marker, marker.time, np.array([0.0, score]), onset=0)
        self.push(Flash(code, label), outcome)
        return marker

    def repetition(self, symbol: str, strength: float, layout=SMALL) -> None:
        for code, line in layout.items():
            self.flash(code, strength if symbol in line else -strength)


def posterior_by_hand(flashes: Iterable, layout, temperature=1.0, prior=None) -> dict[str, float]:
    """Bayes, one symbol at a time, with the densities themselves."""

    def density(score: float, mean: float) -> float:
        return math.exp(-((score - mean) ** 2) / 2) / math.sqrt(2 * math.pi)

    symbols = list(dict.fromkeys(s for line in layout.values() for s in line))
    weights = {}
    for symbol in symbols:
        weight = 1.0 if prior is None else prior[symbol]
        for code, score in flashes:
            likelihood = density(score, 1.0 if symbol in layout[code] else -1.0)
            weight *= likelihood**temperature
        weights[symbol] = weight
    total = sum(weights.values())
    return {symbol: weight / total for symbol, weight in weights.items()}


# Evidence


@given(score=st.floats(-50, 50), target=st.floats(-3, 3), other=st.floats(-3, 3),
       spread=st.floats(0.1, 5))  # fmt: skip
def test_the_evidence_is_the_logarithm_of_the_ratio_of_two_normal_densities(
    score, target, other, spread
):
    evidence = Evidence(target_mean=target, nontarget_mean=other, spread=spread)

    ratio = log_likelihood_ratio(np.array([score]), evidence)[0]

    expected = ((score - other) ** 2 - (score - target) ** 2) / (2 * spread**2)
    assert ratio == pytest.approx(expected, rel=1e-6, abs=1e-6)


@settings(max_examples=60)
@given(flashes=SCORES, temperature=st.sampled_from([1.0, 0.3, 2.0]))
def test_the_posterior_is_that_of_bayes_with_tempered_evidence(flashes, temperature):
    prior = {"A": 0.4, "B": 0.3, "C": 0.2, "D": 0.1}
    letter = LetterEvidence(SMALL, temperature, {s: math.log(p) for s, p in prior.items()})

    for code, score in flashes:
        letter.add(code, float(log_likelihood_ratio(np.array(score), EVIDENCE)))

    expected = posterior_by_hand(flashes, SMALL, temperature, prior)
    assert letter.symbols == ("A", "C", "B", "D")
    np.testing.assert_allclose(letter.posterior(), [expected[s] for s in letter.symbols],
                               rtol=1e-6, atol=1e-12)  # fmt: skip


@settings(max_examples=30)
@given(flashes=SCORES, order=st.randoms(use_true_random=False))
def test_the_order_of_flashes_does_not_matter_to_the_posterior(flashes, order):
    shuffled = list(flashes)
    order.shuffle(shuffled)
    one, other = LetterEvidence(SMALL), LetterEvidence(SMALL)

    for code, score in flashes:
        one.add(code, score)
    for code, score in shuffled:
        other.add(code, score)

    np.testing.assert_allclose(one.posterior(), other.posterior(), rtol=1e-9, atol=1e-12)


@settings(max_examples=30)
@given(flashes=SCORES.filter(bool), which=st.integers(0, 29))
def test_a_flash_taken_back_is_as_if_its_epoch_had_been_rejected(flashes, which):
    which %= len(flashes)
    taken_back, rejected = LetterEvidence(SMALL), LetterEvidence(SMALL)
    for place, (code, score) in enumerate(flashes):
        taken_back.add(code, score, Marker("flash", float(place)))
        rejected.add(code, None if place == which else score)

    taken_back.remove(Marker("flash", float(which)))

    np.testing.assert_allclose(taken_back.posterior(), rejected.posterior(), atol=1e-12)
    assert taken_back.n_flashes == rejected.n_flashes == len(flashes)
    assert taken_back.repetitions == rejected.repetitions


def test_evidence_beyond_any_number_of_flashes_stays_finite():
    letter = LetterEvidence(SMALL)
    for _ in range(1000):
        letter.add(1, 1e3)
        letter.add(2, -1e3)

    assert letter.posterior().sum() == pytest.approx(1.0)
    assert np.isfinite(letter.posterior()).all()


def test_before_any_flash_the_posterior_is_the_prior():
    np.testing.assert_allclose(LetterEvidence(MATRIX).posterior(), np.full(36, 1 / 36))


def test_a_repetition_is_over_when_every_code_was_flashed():
    letter = LetterEvidence(SMALL)
    counts = []
    for code in (1, 2, 1, 3, 4, 2, 3, 4):
        letter.add(code, 0.0)
        counts.append(letter.repetitions)

    assert counts == [0, 0, 0, 0, 1, 1, 1, 2]
    assert (letter.n_codes, letter.n_flashes, letter.n_rejected) == (4, 8, 0)


def test_a_repetition_counts_where_every_code_gave_evidence():
    letter = LetterEvidence(SMALL)
    counts = []
    for code, evidence in [(1, None), (2, 1.0), (3, 1.0), (4, 1.0), (1, 1.0), (2, None)]:
        letter.add(code, evidence, Marker("flash", float(len(counts))))
        counts.append((letter.repetitions, letter.rounds))

    letter.remove(Marker("flash", 4.0))

    assert counts == [(0, 0), (0, 0), (0, 0), (0, 1), (1, 1), (1, 1)]
    assert (letter.repetitions, letter.rounds, letter.n_rejected) == (0, 1, 3)


@given(flashes=SCORES, later=SCORES)
def test_a_new_layout_leaves_evidence_with_the_symbols_it_was_for(flashes, later):
    groups = {1: ("A", "D"), 2: ("B", "C"), 3: ("A", "B"), 4: ("C", "D")}
    letter = LetterEvidence(SMALL)
    for code, score in flashes:
        letter.add(code, score)

    letter.lay_out(groups)
    for code, score in later:
        letter.add(code, score)

    totals = {s: sum(score for code, score in flashes if s in SMALL[code])
                 + sum(score for code, score in later if s in groups[code])
              for s in "ABCD"}  # fmt: skip
    weights = {s: math.exp(t - max(totals.values())) for s, t in totals.items()}
    expected = [weights[s] / sum(weights.values()) for s in letter.symbols]
    np.testing.assert_allclose(letter.posterior(), expected, rtol=1e-6, atol=1e-12)


# Decisions


@pytest.mark.parametrize("symbol", list("ABCD"))
def test_a_letter_is_decided_at_the_flash_that_reaches_the_threshold(symbol):
    screen = Screen(speller()).start(symbol, number=3)
    flashes = []
    for code in [1, 2, 3, 4] * 5:
        score = 0.6 if symbol in SMALL[code] else -0.6
        flashes.append((code, score))
        screen.flash(code, score)
        if screen.said:
            break

    (decision,) = screen.said
    by_hand = posterior_by_hand(flashes, SMALL)
    one_less = posterior_by_hand(flashes[:-1], SMALL)
    assert decision.value == symbol == decision.truth
    assert decision.trial == 3
    assert max(by_hand.values()) >= 0.95 > max(one_less.values())
    assert decision.confidence == pytest.approx(by_hand[symbol])
    assert decision.evidence == pytest.approx(by_hand)
    assert decision.flashes == len(flashes)
    assert decision.repetitions == math.ceil(len(flashes) / 4)
    assert decision.time == pytest.approx(screen.time + WINDOW_S)


@pytest.mark.parametrize("least", [1, 2, 4])
def test_nothing_is_decided_before_the_least_repetitions(least):
    screen = Screen(speller(least=least)).start("A")

    for _ in range(least - 1):
        screen.repetition("A", 10.0)
    before = list(screen.said)
    screen.repetition("A", 10.0)

    assert before == []
    assert [d.repetitions for d in screen.said] == [least]


@pytest.mark.parametrize(("dynamic", "most"), [(True, 3), (False, 3), (False, 5)])
def test_after_the_most_repetitions_the_likeliest_symbol_is_decided(dynamic, most):
    evidence = Evidence(threshold=0.999999)
    screen = Screen(speller(evidence=evidence, dynamic=dynamic, most=most)).start("D")

    for _ in range(7):
        screen.repetition("D", 0.35)
    screen.push(TrialEnd())

    (decision,) = screen.said
    assert (decision.value, decision.repetitions) == ("D", most)


def test_off_does_not_stop_before_all_repetitions_however_clear_it_is():
    screen = Screen(speller(dynamic=False, most=5)).start("B")

    for _ in range(4):
        screen.repetition("B", 10.0)
    before = list(screen.said)
    screen.repetition("B", 10.0)

    assert before == []
    assert [d.value for d in screen.said] == ["B"]


def test_off_decides_at_the_end_of_a_trial_with_fewer_repetitions():
    screen = Screen(speller(dynamic=False)).start("B")
    screen.repetition("B", 0.05)

    (decision,) = screen.push(TrialEnd())

    assert decision.value == "B"
    assert decision.confidence < 0.5


def test_weak_evidence_is_no_decision_and_says_how_weak():
    screen = Screen(speller(most=2)).start("B")
    screen.repetition("B", 0.05)
    screen.repetition("B", 0.05)

    (decision,) = screen.said
    assert decision.value is None
    assert 0.25 < decision.confidence < 0.5
    assert decision.truth == "B"


@pytest.mark.parametrize("dynamic", [True, False])
def test_without_any_evidence_there_is_no_decision(dynamic):
    screen = Screen(speller(dynamic=dynamic, most=2)).start("B")
    for code in [1, 2, 3, 4] * 2:
        screen.flash(code, None)

    (decision,) = screen.said
    assert decision.value is None
    assert decision.confidence == pytest.approx(0.25)
    assert (decision.flashes, decision.repetitions) == (8, 2)


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize(("n_rejected", "value"), [(4, "B"), (5, None)])
def test_a_letter_with_more_than_a_fifth_of_its_flashes_rejected_is_asked_again(
    dynamic, n_rejected, value
):
    # However clear the rest is.
    screen = Screen(speller(dynamic=dynamic, most=5)).start("B", number=7)
    for place, code in enumerate([1, 2, 3, 4] * 5):
        score = 9.0 if "B" in SMALL[code] else -9.0
        screen.flash(code, None if place < n_rejected else score)

    (decision,) = screen.said
    assert (decision.value, decision.flashes, decision.repetitions) == (value, 20, 5)
    assert [status.text for status in screen.warned] == ([] if value else [
        "trial 7 is not decided: 5 of its 20 flashes were rejected, more than 20 %; "
        "it is asked again"
    ])  # fmt: skip


def test_a_letter_that_was_disturbed_is_decided_once_enough_of_it_is_clean():
    screen = Screen(speller(most=15)).start("B")
    for code in (1, 2, 3):
        screen.flash(code, None)

    for code in [4, *[1, 2, 3, 4] * 5]:
        screen.flash(code, 9.0 if "B" in SMALL[code] else -9.0)

    # Three of fifteen are a fifth; three of fourteen are more.
    assert [(decision.value, decision.flashes) for decision in screen.said] == [("B", 15)]
    assert screen.warned == []


def test_rejected_flashes_do_not_make_up_the_least_repetitions():
    screen = Screen(speller(least=2)).start("A")
    for place, code in enumerate([1, 2, 3, 4] * 3):
        score = 9.0 if "A" in SMALL[code] else -9.0
        screen.flash(code, None if place == 4 else score)

    # Code 1 gave evidence for the second time with the ninth flash.
    assert [(decision.value, decision.flashes) for decision in screen.said] == [("A", 9)]


def test_flashes_that_are_taken_back_count_as_rejected():
    screen = Screen(speller(least=9)).start("A")
    screen.repetition("A", 9.0)
    lost = screen.flash(1, 9.0)
    screen.mind.retract(retracted(lost))
    screen.mind.retract(retracted(lost))
    (decided,) = screen.push(TrialEnd())

    screen.start("A")
    for marker in [screen.flash(code, 9.0 if "A" in SMALL[code] else -9.0) for code in SMALL][:1]:
        screen.mind.retract(retracted(marker))
    (undecided,) = screen.push(TrialEnd())

    assert (decided.value, undecided.value) == ("A", None)
    assert "1 of its 4 flashes" in screen.warned[0].text


def test_a_letter_is_answered_once_whatever_follows():
    screen = Screen(speller(most=3)).start("A")
    for _ in range(10):
        screen.repetition("A", 3.0)
    screen.push(TrialEnd())
    screen.push(TrialEnd())
    screen.said += screen.mind.finish()

    assert len(screen.said) == 1


def test_a_trial_without_end_ends_with_the_next_start_or_the_recording():
    screen = Screen(speller(least=9))
    screen.start("A")
    screen.repetition("A", 2.0)
    screen.start("B")
    screen.repetition("B", 2.0)
    screen.said += screen.mind.finish()

    assert [(d.value, d.trial) for d in screen.said] == [("A", 1), ("B", 2)]
    assert screen.mind.finish() == []


def test_a_trial_without_flashes_says_nothing():
    screen = Screen(speller()).start("A").start("B")

    assert screen.push(TrialEnd()) == []
    assert screen.said == []


def test_flashes_outside_a_trial_say_nothing():
    screen = Screen(speller())
    screen.repetition("A", 9.0)
    screen.start("B")
    screen.repetition("B", 9.0)
    screen.push(TrialEnd())
    screen.repetition("C", 9.0)

    assert [d.value for d in screen.said] == ["B"]


def test_codes_that_the_layout_does_not_have_are_counted_and_say_nothing():
    screen = Screen(speller()).start("A")
    screen.flash(99, 50.0)
    screen.flash(-1, 50.0)
    screen.repetition("A", 9.0)

    (decision,) = screen.said
    assert screen.mind.unknown_codes == 2
    assert decision.flashes == 4


@pytest.mark.slow
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_replacing_every_label_by_unknown_changes_no_decision(seed):
    def spelled(labelled: bool) -> list[tuple]:
        rng = np.random.default_rng(seed)
        screen = Screen(speller(MATRIX, least=2, most=5))
        for _ in range(3):
            target = rng.choice(36)
            symbol = LetterEvidence(MATRIX).symbols[target]
            screen.start(symbol if labelled else "")
            for code in np.concatenate([rng.permutation(12) + 1 for _ in range(5)]):
                hit = symbol in MATRIX[int(code)]
                screen.flash(int(code), rng.normal(1.0 if hit else -1.0), hit if labelled else None)
            screen.push(TrialEnd())
        return [(d.value, d.trial, d.confidence, d.time, d.flashes) for d in screen.said]

    assert spelled(labelled=False) == spelled(labelled=True)


@pytest.mark.parametrize(
    ("symbol", "layout", "truth"),
    [("A", SMALL, "A"), ("", SMALL, ""), ("?", SMALL, ""), ("?", {1: ("?",), 2: ("A",)}, "?")],
)
def test_a_question_mark_is_unknown_unless_the_layout_has_it(symbol, layout, truth):
    screen = Screen(speller(layout)).start(symbol)
    screen.repetition(layout[1][0], 9.0, layout)

    assert [d.truth for d in screen.said] == [truth]


def test_trials_without_a_number_are_counted():
    screen = Screen(speller())
    for number in (None, 0, 7, None):
        screen.start("A", number)
        screen.repetition("A", 9.0)

    assert [d.trial for d in screen.said] == [1, 2, 7, 4]


def test_a_layout_marker_in_mid_letter_moves_codes_to_other_symbols():
    groups = {1: ("A", "D"), 2: ("B", "C"), 3: ("A", "B"), 4: ("C", "D")}
    screen = Screen(speller(least=9)).start("D")
    screen.repetition("D", 1.0)
    screen.push(Layout(groups))
    screen.repetition("D", 1.0, groups)
    (decision,) = screen.push(TrialEnd())

    start, later = ([(c, 1.0 if "D" in line else -1.0) for c, line in layout.items()]
                    for layout in (SMALL, groups))  # fmt: skip
    first, second = posterior_by_hand(start, SMALL), posterior_by_hand(later, groups)
    both = {s: first[s] * second[s] for s in "ABCD"}
    assert decision.value == "D"
    assert decision.evidence == pytest.approx({s: p / sum(both.values()) for s, p in both.items()})


def test_a_layout_marker_brings_and_takes_symbols_and_holds_for_later_letters():
    other = {1: ("X",), 2: ("Y",)}
    screen = Screen(speller(least=9)).start("X")
    screen.repetition("A", 1.0)
    screen.push(Layout(other))
    screen.repetition("X", 2.0, other)
    screen.start("Y")
    screen.repetition("Y", 2.0, other)
    screen.push(TrialEnd())

    assert [d.value for d in screen.said] == ["X", "Y"]
    assert set(screen.said[0].evidence) == {"X", "Y"}


# Retraction


def retracted(marker: Marker) -> Retracted:
    return Retracted(marker, onset=0)


def test_evidence_taken_back_before_the_decision_does_not_count():
    screen = Screen(speller(least=9)).start("A")
    screen.repetition("A", 1.0)
    screen.repetition("A", 1.0)
    false = [screen.flash(code, 9.0) for code in (2, 4)]

    answers = [screen.mind.retract(retracted(marker)) for marker in false]
    (decision,) = screen.push(TrialEnd())

    seen = [(c, 1.0 if "A" in SMALL[c] else -1.0) for c in SMALL]
    clean = posterior_by_hand(2 * seen, SMALL)
    assert [answer.suspect_trial for answer in answers] == [None, None]
    assert decision.value == "A"
    assert decision.evidence == pytest.approx(clean)


def test_a_decision_whose_evidence_is_taken_back_is_suspect_also_one_letter_later():
    screen = Screen(speller()).start("A", number=8)
    marker = screen.flash(1, 9.0)
    screen.repetition("A", 9.0)
    at_once = screen.mind.retract(retracted(marker))
    screen.start("B", number=9)
    screen.flash(1, -1.0)

    later = screen.mind.retract(retracted(marker))

    assert [d.trial for d in screen.said] == [8]
    assert (at_once.suspect_trial, later.suspect_trial) == (8, 8)


def test_a_flash_behind_the_decision_makes_nothing_suspect_when_taken_back():
    screen = Screen(speller()).start("A")
    screen.repetition("A", 9.0)
    behind = screen.flash(1, 3.0)

    assert len(screen.said) == 1
    assert screen.mind.retract(retracted(behind)).suspect_trial is None


def test_taking_back_an_unknown_or_rejected_flash_changes_nothing():
    screen = Screen(speller(least=9)).start("A")
    screen.repetition("A", 1.0)
    rejected = screen.flash(1, None)

    for marker in (rejected, Marker("flash/1/unknown", 99.0)):
        assert screen.mind.retract(retracted(marker)) == retracted(marker)
    (decision,) = screen.push(TrialEnd())

    assert decision.value == "A"


def test_a_letter_that_was_given_up_is_not_suspect():
    screen = Screen(speller(most=1)).start("A")
    marker = screen.flash(1, 0.01)
    for code in (2, 3, 4):
        screen.flash(code, 0.0)

    assert [d.value for d in screen.said] == [None]
    assert screen.mind.retract(retracted(marker)).suspect_trial is None
