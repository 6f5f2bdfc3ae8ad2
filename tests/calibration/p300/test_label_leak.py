"""A channel that holds the labels is distinguished from a good electrode."""

import numpy as np
import pytest
from msgspec.structs import replace

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


def early(latency: float, channels: slice) -> EpochSet:
    found = epochs(0.0)
    found.X[:, channels, 0] += 2.0 * found.y[:, np.newaxis]
    epoch = EpochSpec(tmin=latency, tmax=latency + 0.15, step=0.05)
    return replace(found, preprocessing=replace(found.preprocessing, epoch=epoch))


def test_one_channel_that_tells_the_labels_before_a_brain_can_is_an_alarm():
    (finding,) = label_leaks(early(0.05, slice(-1, None)), {})

    assert finding.text.startswith("channel Stim: it tells targets from others (AUC 0.9")
    assert "within 50 ms after the flash" in finding.text


def test_many_channels_do_so_where_markers_are_late_and_one_does_when_it_may():
    assert label_leaks(early(0.05, slice(None)), {}) == []
    assert label_leaks(early(0.15, slice(-1, None)), {}) == []


def test_a_strong_response_is_none():
    assert label_leaks(epochs(2.0), {"coef": np.ones((5, 4))}) == []


@pytest.mark.parametrize(("weight", "told"), [(30.0, ["channel Stim"]), (3.0, [])])
def test_a_channel_with_nearly_all_of_the_weight_is_an_alarm(weight, told):
    coef = np.ones((5, 4))
    coef[-1] = weight

    assert [finding.what for finding in label_leaks(epochs(0.0), {"coef": coef})] == told
