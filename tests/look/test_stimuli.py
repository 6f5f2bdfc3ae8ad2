"""What was cut for each stimulus, in bounded memory."""

import numpy as np
import pytest

from bci_online.config import Config, EvidenceSpec, Preprocessing, WindowSpec
from bci_online.look import stimuli
from bci_online.look.responses import response_of
from bci_online.look.stimuli import Stimuli
from bci_online.markers import Cue, Flash
from bci_online.messages import Epoch, Marker, Retracted


def epoch_of(number: int, text: str, data: np.ndarray) -> Epoch:
    return Epoch(data, Marker(text, float(number)), 0, float(number), np.zeros(1))


@pytest.fixture
def flashes(monkeypatch) -> Stimuli:
    monkeypatch.setattr(stimuli, "MOST_VALUES", 200)
    kept = Stimuli(Config())
    for number in range(1000):
        is_target = number % 2 == 0
        epoch = epoch_of(number, f"flash/{number % 2}", np.full((1, 2), float(number)))
        kept.push(Flash(number % 2, target=is_target), float(number), epoch)
    return kept


def test_of_many_epochs_some_of_each_class_are_kept_from_begin_to_end_and_all_are_counted(flashes):
    for rows in flashes.by_class().values():
        numbers = np.array([epoch.data[0, 0] for epoch in rows])
        assert 25 <= numbers.size <= 50
        assert np.unique(np.diff(numbers)).size == 1
        assert numbers[0] < 2
        assert numbers[-1] > 960
    assert flashes.counts() == {"target": 500, "nontarget": 500}


def test_an_epoch_that_is_taken_back_is_no_longer_there_nor_counted(flashes):
    first = flashes.by_class()["target"][0].marker

    flashes.retract(Retracted(first, 0))

    assert all(epoch.marker != first for epoch in flashes.by_class()["target"])
    assert flashes.counts() == {"target": 499, "nontarget": 500}


def test_of_imagery_the_power_of_each_window_is_kept():
    kept = Stimuli(Config(paradigm="motor_imagery"))
    for start in range(3):
        window = np.random.default_rng(start).normal(size=(2, 4, 500))
        kept.push(Cue("left"), 0.0, epoch_of(0, "cue/left", window))

    assert [epoch.data.shape for epoch in kept.by_class()["left"]] == [(4,)] * 3
    assert kept.counts() == {"left": 1}


@pytest.mark.parametrize(("n_cues", "is_enough"), [(1, False), (5, True)])
def test_many_windows_of_few_cues_are_no_response(n_cues, is_enough):
    kept = Stimuli(Config(paradigm="motor_imagery"))
    rng = np.random.default_rng(0)
    for number in range(2 * n_cues):
        for _ in range(5):
            window = epoch_of(number, "cue", rng.normal(size=(2, 100)))
            kept.push(Cue("left" if number % 2 else "right"), 0.0, window)
    made = Preprocessing(
        ch_names=("C3", "C4"), sfreq=250.0, window=WindowSpec(), interval=EvidenceSpec()
    )

    found = response_of(kept.by_class(), made)

    assert found is None or found.counts == (n_cues, n_cues)
    assert (found is not None) == is_enough
