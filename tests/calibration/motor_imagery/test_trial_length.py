from types import SimpleNamespace

import pytest

from bci_online.config import Config, EvidenceSpec
from bci_online.messages import Marker, Reading
from calibration.motor_imagery.trial_length import trial_seconds, with_trial_length

CONFIG = Config(paradigm="motor_imagery")


def source(*markers: tuple[str, float]) -> tuple[str, SimpleNamespace]:
    readings = iter([Reading(markers=tuple(Marker(*marker) for marker in markers)), None])

    def nothing() -> None: ...

    return "run", SimpleNamespace(open=nothing, close=nothing, read=lambda: next(readings))


def trial(start: float, length: float) -> list[tuple[str, float]]:
    return [
        ("trial/start/?", start), ("cue/feet", start + 4.0), ("trial/end", start + 4.0 + length),
    ]  # fmt: skip


def test_a_trial_lasts_from_its_cue_to_its_end():
    assert trial_seconds([source(*trial(0, 7.0), *trial(20, 7.0))], CONFIG) == pytest.approx(7.0)


def test_trials_that_feedback_ended_early_do_not_shorten_the_others():
    markers = [*trial(0, 2.0), *trial(20, 7.0), *trial(40, 7.0), *trial(60, 7.0)]

    assert trial_seconds([source(*markers)], CONFIG) == pytest.approx(7.0)


def test_a_time_that_is_no_number_does_not_count():
    markers = [*trial(0, 7.0), ("cue/feet", 24.0), ("trial/end", float("nan"))]

    assert trial_seconds([source(*markers)], CONFIG) == pytest.approx(7.0)


def test_without_an_end_nothing_is_known_and_nothing_changes():
    markers = [("cue/feet", 4.0), ("trial/start/?", 20.0), ("trial/end", 30.0)]

    assert trial_seconds([source(*markers)], CONFIG) is None
    assert with_trial_length(CONFIG, None) == (CONFIG, ())


@pytest.mark.parametrize("seconds", [3.0, 4.5, 4.7])
def test_trials_that_are_no_longer_than_the_evidence_change_nothing(seconds):
    assert with_trial_length(CONFIG, seconds) == (CONFIG, ())


def test_a_stated_timeout_stays_and_what_it_leaves_out_is_said():
    stated = Config(paradigm="motor_imagery", evidence=EvidenceSpec(tmax=4.0))

    config, (note,) = with_trial_length(stated, 7.0)

    assert config.evidence.tmax == 4.0
    assert "trials last 7 s: evidence.tmax = 7 takes all of them" in note
