import errno
import sys
from functools import partial

import numpy as np
import own_networks
import pytest
import torch

from bci_online.decoding.network import allowed_code
from calibration import NetworkClassifier, code_hash
from calibration.networks import course
from calibration.networks.training_state import read_state


def epochs(n=30, n_bands=0):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    shape = (n, 9, 3, 100) if n_bands else (n, 3, 100)
    return rng.normal(size=shape) * (1 + y.reshape(-1, *[1] * (len(shape) - 1))), y


class Killed(BaseException):
    pass


def killed_behind(number):
    def passed(record):
        if record.number == number:
            raise Killed

    return passed


def fitted(path, network, weighting, progress=None, **more):
    X, y = epochs(n_bands=9 * (network == "fbmsnet"))
    model = NetworkClassifier(
        network, weighting, max_epochs=5, random_state=3, checkpoint=path, progress=progress, **more
    )
    return model.fit(X, y)


@pytest.fixture(autouse=True)
def every_pass_is_written(monkeypatch):
    monkeypatch.setattr(course.TrainingFile.__init__, "__defaults__", (0.0,))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "weighting"),
    [
        ("min2net", "alphagrad"),
        ("fbmsnet", "alphagrad"),
        ("min2net", "gradapprox"),
        ("min2net", "uw"),
        ("min2net", "dwa"),
        ("eegnet", "fixed"),
    ],
)
def test_a_training_that_was_killed_ends_as_if_it_had_not_been(tmp_path, network, weighting):
    if weighting in ("uw", "dwa"):
        pytest.importorskip("torchjd")
    path, told = tmp_path / "one.training", []
    whole = fitted(None, network, weighting)
    with pytest.raises(Killed):
        fitted(path, network, weighting, killed_behind(4))

    resumed = fitted(path, network, weighting, told.append)

    # The last pass was killed before it was written.
    assert [record.number for record in told] == [4, 5]
    for name in ("losses", "weights", "norms", "first_norms"):
        np.testing.assert_array_equal(
            getattr(resumed.history_, name), getattr(whole.history_, name)
        )
    assert str(resumed.history_.epochs) == str(whole.history_.epochs)
    for name, weights in whole.network_.state_dict().items():
        assert torch.equal(resumed.network_.state_dict()[name], weights), name
    np.testing.assert_array_equal(resumed.loss_weights_, whole.loss_weights_)
    assert not path.exists()


@pytest.mark.slow
def test_a_training_goes_on_upon_another_device_of_the_same_kind(tmp_path):
    path, told = tmp_path / "one.training", []
    with pytest.raises(Killed):
        fitted(path, "eegnet", "fixed", killed_behind(3), device="cpu")

    fitted(path, "eegnet", "fixed", told.append, device="cpu:0")

    assert told[0].number == 3


@pytest.mark.slow
def test_the_file_of_another_training_is_not_used(tmp_path):
    path, told = tmp_path / "one.training", []
    with pytest.raises(Killed):
        fitted(path, "eegnet", "fixed", killed_behind(3))

    fitted(path, "eegnet", "fixed", told.append, learning_rate=2e-3)

    assert told[0].number == 1


@pytest.mark.slow
def test_the_file_of_an_own_network_whose_code_has_changed_is_not_used(tmp_path, monkeypatch):
    path, told, own = tmp_path / "one.training", [], own_networks.ThreeOutputs
    with pytest.raises(Killed):
        fitted(path, own, "fixed", killed_behind(3))
    monkeypatch.setattr(own, "n_latent", 5)

    fitted(path, own, "fixed", told.append)

    assert told[0].number == 1


@pytest.mark.slow
def test_a_damaged_file_is_said_and_the_training_begins_anew(tmp_path, caplog):
    path, told = tmp_path / "one.training", []
    with pytest.raises(Killed):
        fitted(path, "eegnet", "fixed", killed_behind(3))
    path.write_bytes(path.read_bytes()[:-100])

    fitted(path, "eegnet", "fixed", told.append)

    assert told[0].number == 1
    assert "damaged, its training begins anew" in caplog.text


@pytest.mark.slow
def test_a_state_in_a_file_is_arrays_and_json(tmp_path):
    path = tmp_path / "one.training"
    with pytest.raises(Killed):
        fitted(path, "eegnet", "fixed", killed_behind(3))

    state = read_state(path)

    assert all(isinstance(each, np.ndarray) for each in state.arrays.values())
    assert [record["number"] for record in state.numbers["epochs"]] == [1, 2]


@pytest.mark.slow
def test_a_training_of_a_function_s_network_goes_on_in_another_process(tmp_path, monkeypatch):
    path, told = tmp_path / "one.training", []
    lab = tmp_path / "lab_networks.py"
    lab.write_text(
        "from own_networks import NamedLosses\n\n"
        "def made(bias=True, **sizes):\n    return NamedLosses(**sizes)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def make():
        # As a new process: the same function at another address.
        monkeypatch.delitem(sys.modules, "lab_networks", raising=False)
        return partial(__import__("lab_networks").made, bias=False)

    kept = make()
    with pytest.raises(Killed):
        fitted(path, kept, "fixed", killed_behind(3))

    fitted(path, make(), "fixed", told.append)

    assert told[0].number == 3


@pytest.mark.slow
@pytest.mark.parametrize(("written", "goes_on_at"), [("8", 3), ("8  # as it was", 3), ("9", 1)])
def test_a_training_of_a_named_network_goes_on_where_its_code_is_the_same(
    tmp_path, monkeypatch, written, goes_on_at
):
    path, told, lab = tmp_path / "one.training", [], tmp_path / "lab_networks.py"
    monkeypatch.syspath_prepend(tmp_path)

    def write(number):
        # As a new process: nothing of it is known.
        lab.write_text(
            "from own_networks import ThreeOutputs\n\nn_unused = "
            f"{number}\n\nclass Net(ThreeOutputs):\n    pass\n"
        )
        monkeypatch.delitem(sys.modules, "lab_networks", raising=False)
        monkeypatch.setattr(allowed_code, "_allowed_here", {})
        for known in (code_hash.code_hash, code_hash._read):
            known.cache_clear()

    write("8")
    with pytest.raises(Killed):
        fitted(path, "lab_networks:Net", "fixed", killed_behind(3))
    write(written)

    fitted(path, "lab_networks:Net", "fixed", told.append)

    assert told[0].number == goes_on_at


@pytest.mark.slow
def test_a_checkpoint_of_code_without_a_file_is_refused(tmp_path):
    made = type("Typed", (own_networks.ThreeOutputs,), {"__module__": "typed at a prompt"})

    with pytest.raises(ValueError, match=r"checkpoint needs code in a file.*Typed"):
        fitted(tmp_path / "one.training", made, "fixed")


@pytest.mark.slow
def test_a_full_disk_is_said_once_and_the_training_goes_on(tmp_path, monkeypatch, caplog):
    def full(path, state):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(course, "write_state", full)

    model = fitted(tmp_path / "one.training", "eegnet", "fixed")

    assert len(model.history_.epochs) == 5
    assert caplog.text.count("No space left on device; the training goes on") == 1
