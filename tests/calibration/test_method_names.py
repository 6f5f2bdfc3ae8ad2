"""The names that can be typed are those that something can be made of."""

from pathlib import Path
from typing import get_args

import pytest

from bci_online.config import Config, NetworkSpec
from bci_online.errors import BciError
from calibration.experiments.evaluate_options import Weighting
from calibration.method_names import AUTO, IMAGERY, LINEAR, NETWORKS, POOLED, WEIGHTINGS, MethodName
from calibration.motor_imagery import methods as imagery
from calibration.networks.network_training import LOSSES, NetworkTraining
from calibration.p300 import methods as flashes
from calibration.p300.estimators import ESTIMATORS
from calibration.training_request import TrainingRequest


def test_every_name_has_what_makes_it():
    assert tuple(ESTIMATORS) == LINEAR
    assert tuple(imagery.METHODS) == IMAGERY
    assert tuple(LOSSES) == NETWORKS
    # A network of one's own is trained by its import name.
    assert get_args(NetworkSpec.__annotations__["name"]) == (*NETWORKS, "own")


def test_a_comparison_of_weightings_takes_each_and_two_more():
    assert {one.value for one in Weighting} == {*WEIGHTINGS, "fixed-1", "all"}


@pytest.mark.parametrize("name", get_args(MethodName))
def test_every_method_that_can_be_typed_is_found_in_a_paradigm(name):
    request = TrainingRequest(
        recordings=(),
        config=Config(),
        output=Path("decoder"),
        method=name,
        network=NetworkTraining(network=name) if name in NETWORKS else None,
        pools=("other.xdf",) if name in POOLED and name not in LINEAR else (),
    )

    found = [_found(paradigm, request) for paradigm in (flashes, imagery)]

    assert any(found), found
    assert all(method is None or method.name.startswith(name) for method in found if name != AUTO)


def _found(paradigm, request):
    try:
        paradigm.check_request(request)
    except BciError:
        return None
    return paradigm.method_of(request)
