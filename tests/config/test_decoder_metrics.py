"""The figures of a decoder's header are read and written as they stand in the file."""

import pytest

from bci_online.config import DecoderMetrics

FLASHES = {
    "recorded": 64, "sensors": 8, "alpha": 0.5, "lambda": 0.01, "q": "inf", "auc": 0.9,
    "auc_low": None, "auc_high": None, "letters_right": 5, "letters": 6, "split": "letter",
}  # fmt: skip
IMAGERY = {
    "trials": 30, "right": 24, "right_low": 0.6, "right_high": 0.9, "right_whole": 25,
    "decided": 28, "seconds": 2.5, "bits_per_min": 4.0, "false_per_min": None, "rest_min": 0.0,
    "split": "trial",
}  # fmt: skip


@pytest.mark.parametrize("metrics", [FLASHES, IMAGERY, {}])
def test_what_is_read_is_written_in_the_same_order(metrics) -> None:
    assert list(DecoderMetrics.of(metrics).as_dict().items()) == list(metrics.items())


@pytest.mark.parametrize("metrics", [{"letters": "3 of 3"}, {"<b>": "1"}])
def test_figures_of_another_program_are_not_read(metrics) -> None:
    assert DecoderMetrics.of(metrics) == DecoderMetrics()
