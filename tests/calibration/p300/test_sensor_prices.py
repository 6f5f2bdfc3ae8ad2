"""What electrodes cost."""

import numpy as np
import pytest

from bci_online.errors import BciError
from calibration.p300.sensor_prices import sensor_prices


def test_a_sensor_costs_the_less_the_nearer_it_is_to_a_preferred_place() -> None:
    prices = sensor_prices(("Cz", "CPz", "Pz", "Oz", "POz"), ("Cz", "oz"))

    np.testing.assert_allclose(prices[[0, 3]], 1.0)
    assert 1.0 < prices[1] < prices[2] < 2.0
    assert prices[4] < prices[2]


def test_a_channel_whose_place_nobody_knows_costs_most() -> None:
    prices = sensor_prices(("Cz", "EEG 17"), ("Cz",))

    np.testing.assert_allclose(prices, [1.0, 2.0])


@pytest.mark.parametrize("preferred", [("Cz", "Nose"), ()])
def test_a_place_that_is_none_is_refused(preferred) -> None:
    with pytest.raises(BciError, match=r"--prefer: (Nose|nothing) is not a position of the 10-10"):
        sensor_prices(("Cz",), preferred)
