import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from bci_online.config import Evidence
from bci_online.messages import Marker
from bci_online.paradigms.p300.letter_evidence import LetterEvidence, log_likelihood_ratio

ROWS_AND_COLUMNS = {1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C"), 4: ("B", "D")}
FLASHES = st.lists(
    st.tuples(st.sampled_from(sorted(ROWS_AND_COLUMNS)), st.none() | st.floats(-3, 3)), max_size=20
)


def seen(flashes, **options) -> LetterEvidence:
    """The evidence after flashes of (code, evidence), each with a marker of its own."""
    letter = LetterEvidence(ROWS_AND_COLUMNS, **options)
    for number, (code, evidence) in enumerate(flashes):
        letter.add(code, evidence, marker(number))
    return letter


def marker(number: int) -> Marker:
    return Marker(f"flash/{number}/unknown", float(number))


def test_the_ratio_is_that_of_two_normal_densities_with_one_spread():
    evidence = Evidence(target_mean=1.2, nontarget_mean=-0.4, spread=0.7)
    scores = np.linspace(-3, 3, 13)

    ratio = log_likelihood_ratio(scores, evidence)

    target, other = norm(1.2, 0.7), norm(-0.4, 0.7)
    np.testing.assert_allclose(ratio, target.logpdf(scores) - other.logpdf(scores))


def test_before_the_first_flash_every_symbol_is_as_likely_as_its_prior():
    uniform = LetterEvidence(ROWS_AND_COLUMNS)
    known = LetterEvidence(ROWS_AND_COLUMNS, log_prior={"B": float(np.log(3))})

    np.testing.assert_allclose(uniform.posterior(), [0.25] * 4)
    assert uniform.is_silent
    # A symbol that the prior does not name weighs 1.
    assert dict(zip(known.symbols, known.posterior(), strict=True))["B"] == pytest.approx(0.5)


@settings(max_examples=30)
@given(flashes=FLASHES, seed=st.integers(0, 10))
def test_the_posterior_does_not_depend_on_the_order_of_the_flashes(flashes, seed):
    order = np.random.default_rng(seed).permutation(len(flashes))

    there, back = seen(flashes), seen([flashes[place] for place in order])

    np.testing.assert_allclose(there.posterior(), back.posterior(), atol=1e-12)
    assert (there.repetitions, there.rounds) == (back.repetitions, back.rounds)


@settings(max_examples=30)
@given(flashes=FLASHES.filter(len), data=st.data())
def test_a_flash_taken_back_counts_as_one_that_was_rejected(flashes, data):
    number = data.draw(st.integers(0, len(flashes) - 1))
    rejected = [(code, None if n == number else e) for n, (code, e) in enumerate(flashes)]

    letter = seen(flashes)
    letter.remove(marker(number))

    expected = seen(rejected)
    np.testing.assert_allclose(letter.posterior(), expected.posterior(), atol=1e-12)
    assert letter.n_flashes == expected.n_flashes == len(flashes)
    assert letter.n_rejected == expected.n_rejected
    assert letter.repetitions == expected.repetitions


def test_a_repetition_counts_once_every_code_gave_evidence():
    letter = seen([(1, 0.1), (2, 0.1), (3, None), (4, 0.1)])

    assert (letter.repetitions, letter.rounds, letter.n_codes) == (0, 1, 4)
    letter.add(3, 0.2)
    assert (letter.repetitions, letter.rounds) == (1, 1)


def test_evidence_that_is_the_same_for_all_symbols_is_silent():
    letter = seen([(1, 0.5), (2, 0.5)])

    assert letter.is_silent
    np.testing.assert_allclose(letter.posterior(), [0.25] * 4)


def test_the_temperature_multiplies_what_flashes_say_and_not_the_prior():
    flashes = [(1, 2.0), (3, 1.0)]
    prior = {"D": 0.7}

    cool = seen(flashes, temperature=0.5, log_prior=prior)

    halved = seen([(code, evidence / 2) for code, evidence in flashes], log_prior=prior)
    np.testing.assert_allclose(cool.posterior(), halved.posterior())


def test_when_codes_change_their_meaning_evidence_stays_with_the_symbol():
    letter = seen([(1, 2.0)])

    letter.lay_out({1: ("C", "D"), 2: ("A", "E")})

    likely = dict(zip(letter.symbols, letter.posterior(), strict=True))
    assert max(likely, key=likely.get) == "A"
    assert likely["C"] == likely["D"] == likely["E"]
    assert not letter.knows(3)
