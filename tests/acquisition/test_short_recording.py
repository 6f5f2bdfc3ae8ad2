"""What is kept of the streams of a network, without a network."""

from itertools import count
from types import SimpleNamespace

import numpy as np

from bci_online.acquisition.lsl import short_recording
from bci_online.acquisition.stream_header import parse_header

HEADER = parse_header(
    b"<info><name>amp</name><channel_count>128</channel_count><nominal_srate>250</nominal_srate>"
    b"<channel_format>double64</channel_format></info>",
    1,
)


class Sending:
    """A connection on which some samples have come at each pull."""

    header = HEADER

    def __init__(self, stream) -> None:
        self._n = 0

    def advance(self, timeout):
        return True

    def pull(self, into, timeout):
        into[:12] = np.arange(self._n, self._n + 12)[:, np.newaxis]
        self._n += 12
        return np.arange(self._n - 12, self._n) / 250

    def offset(self, timeout):
        return None

    def close(self):
        pass


def test_a_stream_of_many_channels_is_read_to_the_end(monkeypatch):
    stream = SimpleNamespace(host="here", header=HEADER)
    clock = SimpleNamespace(monotonic=map(float, count()).__next__, sleep=lambda seconds: None)
    monkeypatch.setattr(short_recording, "streams_there", lambda seconds: [stream])
    monkeypatch.setattr(short_recording, "Connection", Sending)
    monkeypatch.setattr(short_recording, "time", clock)

    (recorded,) = short_recording.recorded_for(200.0)

    assert np.asarray(recorded.data)[:, 0].tolist() == [*range(199 * 12)]
    assert recorded.stamps.size == 199 * 12
