from itertools import pairwise

import msgspec
import numpy as np
import pytest

from bci_online.config import (
    DecoderHeader,
    Evidence,
    LayoutSpec,
    Preprocessing,
    Presentation,
    Promise,
    Stopping,
)
from bci_online.metrics import proportion_interval
from bci_online.terminal.expected_letters import expected_lines
from calibration.p300.expectations import expected_spelling, seconds_per_letter
from calibration.p300.scored_letters import ScoredLetter

MATRIX = LayoutSpec().symbols_of_code
SYMBOLS = tuple(dict.fromkeys(s for line in MATRIX.values() for s in line))
PRESENTATION = Presentation(flash_ms=100, gap_ms=100, cue_s=1, decision_s=1, pause_s=2)
WINDOW_S = 0.75
AROUND_S = 1 + 0.75 + 1 + 2


def letters(n: int, spread: float, seed: int = 0, repetitions: int = 10) -> list[ScoredLetter]:
    """Return letters whose target flashes score about 1 and others about -1."""
    rng = np.random.default_rng(seed)
    made = []
    for truth in rng.integers(36, size=n):
        codes = np.concatenate([rng.permutation(list(MATRIX)) for _ in range(repetitions)])
        lit = np.array([[s in MATRIX[code] for s in SYMBOLS] for code in codes])
        is_target = lit[:, truth]
        scores = rng.normal(np.where(is_target, 1.0, -1.0), spread)
        repetition = np.arange(codes.size) // 12
        made.append(ScoredLetter(scores, is_target, lit, repetition, int(truth)))
    return made


def expected(of, error_rate=0.05, most=15):
    stopping = Stopping(error_rate=error_rate, max_repetitions=most)
    return expected_spelling(of, stopping, PRESENTATION, WINDOW_S)


@pytest.fixture(scope="module")
def known():
    return expected(letters(30, 1.6))


@pytest.mark.slow
def test_the_rule_comes_first_then_every_number_of_repetitions_there_is(known):
    assert [one.repetitions for one in known] == list(range(11))
    assert {one.letters for one in known} == {30}


def test_a_fixed_number_takes_its_flashes_and_the_pauses(known):
    for one in known[1:]:
        assert one.seconds == pytest.approx((one.repetitions * 12 * 0.2 + AROUND_S,) * 3)
        assert one.undecided == 0


def test_seconds_of_a_letter_count_every_pause():
    assert seconds_per_letter(np.array([0.0, 10.0]), PRESENTATION, WINDOW_S) == pytest.approx(
        [AROUND_S, AROUND_S + 2.0]
    )


def test_more_repetitions_are_more_letters_right(known):
    shares = [one.right[1] for one in known[1:]]

    assert shares[-1] > 0.95 > 0.7 > shares[0]
    assert all(later > earlier - 0.03 for earlier, later in pairwise(shares))


def test_the_rule_is_worth_more_information_than_a_number_as_right_as_it(known):
    rule, *fixed = known
    as_right = [one for one in fixed if one.right[1] >= rule.right[1]]

    assert rule.right[1] > 0.9
    assert rule.bits_per_min[1] > max(one.bits_per_min[1] for one in as_right)


@pytest.mark.slow
def test_what_is_expected_is_what_comes_true_on_new_letters(known):
    new = expected(letters(60, 1.6, seed=9))

    for before, after in zip(known, new, strict=True):
        assert before.right[0] <= after.right[1] <= before.right[2]
    assert known[0].seconds[1] == pytest.approx(new[0].seconds[1], rel=0.2)


def test_intervals_hold_the_middle_and_count_each_letter_once(known):
    for one in known:
        low, share, high = one.right
        assert (low, high) == pytest.approx(proportion_interval(share * 30, 30))
        assert low <= share <= high
        assert one.seconds[0] <= one.seconds[1] + 1e-9 <= one.seconds[2] + 2e-9
        assert one.bits_per_min[0] <= one.bits_per_min[1] <= one.bits_per_min[2]


@pytest.mark.slow
def test_scores_that_tell_nothing_promise_nothing():
    rng = np.random.default_rng(1)
    noise = [msgspec.structs.replace(x, scores=rng.normal(size=120)) for x in letters(12, 1.0)]

    rule, *fixed = expected(noise)

    assert rule.right[1] < 0.15
    assert fixed[-1].right[1] < 0.2
    assert rule.bits_per_min[0] == 0


def test_two_letters_are_too_few_to_expect_anything():
    assert expected(letters(2, 1.0)) == ()


def header(**more: object) -> DecoderHeader:
    preprocessing = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    return DecoderHeader(method="lda", preprocessing=preprocessing, **more)  # type: ignore[arg-type]  # any field


def test_the_decoder_carries_them_to_who_goes_live(known):
    kept = msgspec.json.decode(msgspec.json.encode(header(expected=known)), type=DecoderHeader)

    rule, best, most = expected_lines(kept)

    assert kept.expected == known
    assert rule.startswith("stopping at 5 % errors stated (these letters cannot promise that): 9")
    assert "bit/min" in best
    assert most.startswith("fixed at 10 repetitions: ")
    assert most.endswith("; 30 letters")
    assert (
        "promise" not in expected_lines(header(expected=known, evidence=Evidence(promised=True)))[0]
    )
    assert expected_lines(header()) == []


def test_a_promise_takes_the_place_of_what_the_held_out_letters_say_of_the_rule(known):
    promise = Promise(
        letters=8, right=(0.86, 0.94, 0.98), seconds=(10.0, 12.0, 14.5), error=(0.01, 0.03, 0.07)
    )

    rule, *fixed = expected_lines(header(expected=known, promise=promise))

    assert rule.endswith(
        "9.4 of 10 letters right (8.6-9.8), 12.0 s a letter (10.0-14.5), 3.0 % of the decided "
        "wrong (1.0-7.0 %); 95 % intervals, from 8 letters"
    )
    assert fixed == expected_lines(header(expected=known))[1:]


def test_a_header_from_before_promises_is_read_and_promises_nothing():
    plain = msgspec.to_builtins(header(evidence=Evidence(promised=True)))
    del plain["promise"]

    old = msgspec.convert(plain, DecoderHeader)

    assert old.promise is None
    assert old.evidence.promised


@pytest.mark.parametrize("right", [(0.9, 0.8, 1.0), (-0.1, 0.5, 1.0), (0.5, 0.9, 1.1)])
def test_an_interval_that_does_not_hold_its_middle_is_refused(right):
    with pytest.raises(ValueError, match="right must rise"):
        Promise(letters=3, right=right, seconds=(1, 2, 3), error=(0, 0, 0))
