import signal

import msgspec
import numpy as np
import pytest

from calibration import NetworkClassifier
from calibration.networks.network_training import NetworkTraining
from calibration.progress import INTERRUPTED_NETWORK, NO_PROGRESS, interruptible

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def signals_are_pythons():
    """Have a Ctrl-C as a command has it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def passes_of(progress, ctrl_c=0):
    """Train; press Ctrl-C while a pass is noted. Return the number of passes."""
    numbers = []

    def note(text):
        numbers.append(text)
        if len(numbers) == ctrl_c:
            signal.raise_signal(signal.SIGINT)

    training = NetworkTraining(network="eegnet", max_epochs=6).watched(note, ends=progress.ends)
    X = np.random.default_rng(0).normal(size=(12, 2, 64))
    model = NetworkClassifier(validation_fraction=0.0, **training.parameters())
    model.fit(X, np.tile([0, 1], 6))
    assert len(model.history_.epochs) == len(numbers)
    return len(numbers)


def test_a_ctrl_c_ends_a_training_with_its_pass_and_lets_none_make_more():
    with interruptible("eegnet", NO_PROGRESS) as progress:
        whole = passes_of(progress)
        before = progress.said()

        cut = passes_of(progress, ctrl_c=4)
        after = passes_of(progress)

    assert (whole, cut, after) == (6, 4, 4)
    assert (before, progress.said()) == ("", INTERRUPTED_NETWORK)


def test_a_second_ctrl_c_ends_everything():
    with interruptible("eegnet", NO_PROGRESS) as progress:
        passes_of(progress, ctrl_c=4)

        with pytest.raises(KeyboardInterrupt):
            passes_of(progress, ctrl_c=2)


def test_a_ctrl_c_before_anything_was_learnt_ends_everything():
    with interruptible("eegnet", NO_PROGRESS) as progress, pytest.raises(KeyboardInterrupt):
        passes_of(progress, ctrl_c=1)


def test_a_linear_method_ends_at_once():
    asked = msgspec.structs.replace(NO_PROGRESS)
    with interruptible("lda", asked) as progress:
        assert progress is asked
