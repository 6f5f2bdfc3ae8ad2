from dataclasses import replace

import numpy as np
import pytest
from recorded import AMPLIFIER, EVENTS, SAMPLES, joined, read, refusal, written

from bci_online.acquisition.xdf import describe_streams
from bci_online.config import EegStream


def test_the_eeg_is_chosen_by_name_by_source_id_or_by_number(tmp_path):
    other = replace(AMPLIFIER, data=SAMPLES + 1, source_id="amp-2")
    third = replace(AMPLIFIER, name="third", data=SAMPLES + 2)
    path = written(tmp_path, AMPLIFIER, other, third)

    by_name = joined(read(path, EegStream(name="third")))[0]
    by_source = joined(read(path, EegStream(name="amp-2")))[0]
    by_number = joined(read(path, EegStream(name="#2")))[0]

    np.testing.assert_array_equal(by_name, SAMPLES + 2)
    np.testing.assert_array_equal(by_source, SAMPLES + 1)
    np.testing.assert_array_equal(by_number, SAMPLES + 1)


def test_several_that_could_be_the_eeg_are_listed_with_the_way_to_choose(tmp_path):
    path = written(tmp_path, AMPLIFIER, replace(AMPLIFIER, source_id="amp-2"))

    message = refusal(path, EegStream(name="amp"))

    assert "#1 'amp' (type 'EEG', 3 ch float32, 100 Hz, 1000 samples, source_id 'amp-1')" in message
    assert "amp-2" in message
    assert "eeg.name" in message


def test_the_only_usable_of_several_is_taken(tmp_path):
    empty = replace(AMPLIFIER, stamps=[], data=SAMPLES[:0])
    irregular = replace(AMPLIFIER, sfreq=0.0)

    data, _ = joined(read(written(tmp_path, empty, irregular, AMPLIFIER)))

    np.testing.assert_array_equal(data, SAMPLES)


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (replace(AMPLIFIER, type="Gaze"), "no stream of type 'EEG' but #1 'amp'"),
        (replace(AMPLIFIER, stamps=[], data=SAMPLES[:0]), "has no samples"),
        (replace(AMPLIFIER, sfreq=0.0), "0 Hz where a regular one is needed"),
        (replace(EVENTS, type="EEG"), "is text, not numbers"),
    ],
)
def test_a_stream_that_cannot_be_the_eeg_is_refused_with_the_reason(tmp_path, stream, said):
    assert said in refusal(written(tmp_path, stream))


def test_streams_can_be_listed(tmp_path):
    lines = describe_streams(written(tmp_path, AMPLIFIER, EVENTS))

    assert lines[1] == "#2 'events' (type 'Markers', 1 ch string, irregular, 39 samples)"
