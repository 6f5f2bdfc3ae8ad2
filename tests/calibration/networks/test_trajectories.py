import subprocess
import sys

import numpy as np
import pytest
import torch

from calibration import NetworkClassifier
from calibration.networks.history import EpochRecord
from calibration.networks.toy_losses import LOWEST, STARTS, descents, toy_losses
from calibration.networks.trajectories import draw_toy, draw_trajectories


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["alphagrad", "fixed"])
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_trajectories_of_any_strategy_are_drawn(tmp_path, kind, strategy):
    rng = np.random.default_rng(0)
    model = NetworkClassifier("min2net", strategy, max_epochs=3, random_state=0)
    model.fit(rng.normal(size=(20, 4, 80)), np.arange(20) % 2)
    paths = [tmp_path / f"{n}.{kind}" for n in range(2)]

    for path in paths:
        draw_trajectories(model.history_, path, "MIN2Net")

    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].stat().st_size > 5000


@pytest.mark.slow
def test_the_toy_is_descended_from_three_starts_by_every_strategy(tmp_path):
    runs = descents(n_steps=150)

    assert {(run.strategy, tuple(run.places[0])) for run in runs} == {
        (name, start) for name in ("fixed (1, 1)", "AdaMT", "AlphaGrad") for start in STARTS
    }
    for run in runs:
        np.testing.assert_allclose(run.weights.sum(axis=1), 2.0)
    draw_toy(runs, tmp_path / "toy.png")
    assert (tmp_path / "toy.png").stat().st_size > 5000


@pytest.mark.slow
def test_as_published_alphagrad_alone_arrives_from_every_start():
    runs = descents(n_steps=2000, learning_rate=0.01, step=0.01)

    arrived = {
        strategy: [run.arrives for run in runs if run.strategy == strategy]
        for strategy in ("fixed (1, 1)", "AdaMT", "AlphaGrad")
    }

    assert arrived == {
        "fixed (1, 1)": [False, True, False],
        "AdaMT": [False, True, False],
        "AlphaGrad": [True, True, True],
    }


def test_both_toy_losses_are_lowest_in_the_same_place():
    u, v = np.meshgrid(np.linspace(-11, 11, 221), np.linspace(-11, 11, 221))
    both = [loss.numpy() for loss in toy_losses(torch.from_numpy(np.stack([u, v], axis=-1)))]

    for loss in both:
        place = np.unravel_index(loss.argmin(), u.shape)
        assert (u[place], v[place]) == pytest.approx((0.0, -5.8), abs=0.06)
    np.testing.assert_allclose(sum(both).min(), LOWEST, atol=0.01)


def test_a_pass_says_losses_weights_and_accuracy():
    record = EpochRecord(
        names=("centre", "classification"), number=1, of=2, training=np.ones(2),
        validation=np.array([0.5, 0.25]), weights=np.array([1.5, 0.5]), watched=0.9,
        accuracy=0.75, macro_f1=0.7, learning_rate=1e-3,
    )  # fmt: skip

    assert str(record) == "pass 1 of 2, centre 0.5 x 1.5, classification 0.25 x 0.5; 75 % right"


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "message"),
    [("toy.pdf", "must end in .png or .svg"), ("no/toy.png", "does not exist; make it first")],
)
def test_the_command_says_in_one_line_where_it_cannot_draw(tmp_path, name, message):
    command = [sys.executable, "-m", "calibration", "toy-losses", "-o", tmp_path / name]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
