"""What a live run publishes of each flash."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from bci_online.config import Live
from bci_online.messages import Epoch, Marker, Score, TrialEvidence
from bci_online.runtime.publisher import LivePublisher

FLASH = Marker("flash/1", 5.0)


class Timed(msgspec.Struct):
    """The figures of a summary that a publisher fills in."""

    latency_ms: dict[str, float] | None = None
    late: int = 0


@pytest.mark.parametrize(
    "flash",
    [
        Score(FLASH, 5.0, np.zeros(2), 9),
        # Without calibration a flash has no score.
        Epoch(np.zeros((2, 3)), FLASH, 9, 5.0, np.zeros(2)),
    ],
)
def test_the_evidence_and_the_age_of_the_data_are_told_at_each_flash(flash) -> None:
    journal = []
    evidence = TrialEvidence(1, 12, 0.95, {"A": 0.5})
    publisher = LivePublisher(
        SimpleNamespace(take=lambda message: False), 0.6, lambda: 5.65, Live(),
        SimpleNamespace(push=print), SimpleNamespace(push=journal.append), print, lambda: evidence,
    )  # fmt: skip

    publisher(flash)

    assert [msgspec.json.decode(line)["posterior"] for line in journal] == [{"A": 0.5}]
    summary = publisher.completed(Timed())
    assert summary.latency_ms == pytest.approx({"p50": 50.0, "p99": 50.0}, rel=0.02)
