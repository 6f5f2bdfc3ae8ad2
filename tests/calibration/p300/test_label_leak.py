"""A channel that holds the labels is distinguished from a good electrode."""

import numpy as np
import pytest

from bci_online.config import EpochSpec, Preprocessing
from calibration.p300.epochs import EpochSet
from calibration.p300.label_leak import label_leaks

NAMES = ("Fz", "Cz", "Pz", "Oz", "Stim")


def epochs(strength: float, n: int = 600) -> EpochSet:
    rng = np.random.default_rng(0)
    y = np.arange(n) % 6 == 0
    X = rng.normal(size=(n, len(NAMES), 4))
    X[:, :, 1] += 1.0 * y[:, np.newaxis]
    X[:, -1, 2] += strength * y
    zeros = np.zeros(n, dtype=int)
    return EpochSet(
        X=X, y=y, letter=zeros, run=zeros, code=zeros, time=np.arange(float(n)),
        peak_to_peak=np.ones((n, len(NAMES))), rejected={}, letters=(),
        preprocessing=Preprocessing(
            ch_names=NAMES, sfreq=250.0, epoch=EpochSpec(tmin=0.1, tmax=0.25, step=0.05)
        ),
    )  # fmt: skip


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_one_value_that_tells_the_labels_is_an_alarm_with_channel_latency_and_setting(sign):
    (finding,) = label_leaks(epochs(9.0 * sign), {})

    assert finding.kind == "labels leak"
    assert finding.text.startswith("channel Stim: its value at 0.20 s alone tells targets from")
    assert finding.line == 'eeg.exclude = ["Stim"]'


def test_a_strong_response_is_none():
    assert label_leaks(epochs(2.0), {"coef": np.ones((5, 4))}) == []


@pytest.mark.parametrize(("weight", "told"), [(30.0, ["channel Stim"]), (3.0, [])])
def test_a_channel_with_nearly_all_of_the_weight_is_an_alarm(weight, told):
    coef = np.ones((5, 4))
    coef[-1] = weight

    assert [finding.what for finding in label_leaks(epochs(0.0), {"coef": coef})] == told
