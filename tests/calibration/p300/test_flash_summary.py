"""What a training of flashes says of its stopping rule."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bci_online.config import Config, Evidence, Preprocessing, Promise
from calibration.p300.sensor_choice import Choice
from calibration.p300.summary import figures, summary
from calibration.p300.training import Trained
from calibration.training_request import TrainingRequest

REQUEST = TrainingRequest(
    recordings=(Path("run.xdf"),), config=Config(), output=Path("my.decoder"), method="lda"
)
PROMISE = Promise(
    letters=5, right=(0.8, 0.94, 0.99), seconds=(10.0, 12.0, 14.0), error=(0.01, 0.03, 0.08)
)


def trained(promise: Promise | None, n_letters: int, *, promised: bool) -> Trained:
    fitted: Any = SimpleNamespace(
        evidence=Evidence(promised=promised),
        letters=("a letter",) * n_letters,
        choice=Choice(sensors=("Cz",)),
        method="",
        tried=(),
        preprocessing=Preprocessing(ch_names=("Cz",), sfreq=250.0),
    )
    return Trained(
        outcome=None, n_epochs=60, n_targets=10, fitted=fitted, promise=promise, rejected={},
        gaps=0, steps=0, lost_samples=0, untranslated={}, unknown_codes=0, bad_channels={},
        notes=(), sensor_paths={}, seconds=1.0,
    )  # fmt: skip


def stopping(found: Trained) -> str:
    return dict(figures(found, REQUEST))["stopping"]


def test_a_promise_is_said_with_its_intervals() -> None:
    assert stopping(trained(PROMISE, 5, promised=True)) == (
        "at 5 % stated: 9.4 of 10 letters right (8.0-9.9), 12.0 s a letter (10.0-14.0), 3.0 % of "
        "the decided wrong (1.0-8.0 %); 95 % intervals, from 5 letters"
    )


def test_a_rate_that_no_threshold_keeps_is_said_with_what_is_expected_instead() -> None:
    said = stopping(trained(PROMISE, 5, promised=False))

    assert said.startswith("5 % cannot be promised: 9.4 of 10 letters right")
    assert said.endswith("; record more, or look at the electrodes")


def test_two_letters_are_asked_for_a_third() -> None:
    said = stopping(trained(None, 2, promised=False))

    assert said == "5 % cannot be promised with 2 letters; record three or more"


def test_a_program_reads_the_promise_whole_and_its_error_where_it_always_was() -> None:
    row = summary(trained(PROMISE, 5, promised=True), REQUEST)

    assert row["promised"] is True
    assert row["expected_error"] == (0.01, 0.03, 0.08)
    assert row["promise"]["right"] == (0.8, 0.94, 0.99)
    assert summary(trained(None, 2, promised=False), REQUEST)["promise"] is None
