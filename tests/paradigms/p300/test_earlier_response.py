"""What earlier sessions say of the response is believed as far as it makes letters clearer."""

import numpy as np
import pytest

from bci_online.messages import Epoch, Marker
from bci_online.paradigms.p300.earlier_response import EarlierResponse
from bci_online.paradigms.p300.uncalibrated_evidence import UncalibratedEvidence

LAYOUT = {
    **{row + 1: tuple("ABCDEFGHI"[3 * row : 3 * row + 3]) for row in range(3)},
    **{column + 4: tuple("ABCDEFGHI"[column::3]) for column in range(3)},
}
RESPONSE = np.array([[0.0, 0.0, 0.6, 0.6, 0.0, 0.0], [0.0, 0.0, 0.3, 0.3, 0.0, 0.0]])
"""Of two channels and six latencies: at lag 0 the middle four are an epoch."""


def letter(symbol: str, number: int, known: EarlierResponse, repetitions: int = 8):
    rng = np.random.default_rng(number)
    found = UncalibratedEvidence(
        LAYOUT, (), saturation=0.1, nobody=0.5, number=number, response=known
    )
    codes = np.concatenate([rng.permutation(6) + 1 for _ in range(repetitions)]).tolist()
    for place, code in enumerate(codes):
        data = rng.normal(size=(2, 4)) + RESPONSE[:, 1:5] * (symbol in LAYOUT[code])
        marker = Marker(f"flash/{code}", float(place))
        found.add_outcome(code, Epoch(data, marker, 0, float(place), np.ptp(data, axis=1)))
    return found


def right_of(response) -> float:
    """Return the mean probability of the symbol that was looked at, of ten first letters."""
    shares = []
    for number in range(1, 11):
        one = letter("E", number, EarlierResponse(response, n_times=4, step_s=0.05))
        shares.append(one.posterior()[one.symbols.index("E")])
    return float(np.mean(shares))


def weights_after(response) -> np.ndarray:
    known, said = EarlierResponse(response, n_times=4, step_s=0.05), []
    for number in range(1, 9):
        said.append(letter("E", number, known).said())
        known.believe(said)
    return np.exp(known.log_weights)


def test_the_first_letter_is_clearer_with_a_response_that_fits():
    assert right_of(RESPONSE) > right_of(None) + 0.1


def test_a_response_that_does_not_fit_is_left_out_and_costs_little():
    turned = -RESPONSE[:, [3, 2, 1, 0, 5, 4]]

    weights = weights_after(turned)

    assert weights[0] == weights.max()
    assert right_of(turned) > right_of(None) - 0.1


def test_the_lag_of_earlier_sessions_is_found_without_labels():
    later = np.roll(RESPONSE, 1, axis=1)

    none, early, in_time, late = weights_after(later)

    assert late == pytest.approx(max(none, early, in_time, late))
    assert late > 0.5


def test_a_channel_that_the_signal_lacks_makes_no_response():
    known = EarlierResponse(RESPONSE, n_times=4, step_s=0.05)
    found = UncalibratedEvidence(LAYOUT, (), saturation=0.1, nobody=0.5, number=1, response=known)
    rng = np.random.default_rng(0)
    for place, code in enumerate(list(LAYOUT) * 6):
        data = np.stack([rng.normal(size=4), np.full(4, 3.0)])
        marker = Marker(f"flash/{code}", float(place))
        found.add_outcome(code, Epoch(data, marker, 0, float(place), np.ones(2)))

    assert np.isfinite(found.posterior()).all()


def test_a_letter_that_no_longer_counts_leaves_no_belief_unless_it_was_settled():
    said = [np.array([0.0, 0.0, strength, 0.0]) for strength in (2.0, 6.0, 1.0)]

    def weights_of(*letters: int, settled: bool = False):
        response = EarlierResponse(np.arange(5.0)[np.newaxis], n_times=3, step_s=0.05)
        if settled:
            response.settle(said[0])
        response.believe(said)
        response.believe(said[number] for number in letters)
        return response.log_weights

    np.testing.assert_array_equal(weights_of(1, 2, settled=True), weights_of(0, 1, 2))
    assert weights_of(2)[2] < weights_of(1, 2)[2] < weights_of(0, 1, 2)[2]


def test_a_person_is_told_once():
    response = EarlierResponse(np.arange(5.0)[np.newaxis], n_times=3, step_s=0.05)
    assert response.news() == ""

    response.believe([np.array([0.0, 0.0, 6.0, 0.0])])

    assert "+0 ms" in response.news()
    assert response.news() == ""
