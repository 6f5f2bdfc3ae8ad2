"""The streams on the network, listed for a person."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.channel_description import Description, stream_spec
from bci_online.acquisition.lsl.connection import MOST_TEXTS, SLICE, Connection
from bci_online.acquisition.lsl.network import NetworkStream
from bci_online.acquisition.lsl.search import streams_there
from bci_online.acquisition.stream_header import SAMPLE_TYPES
from bci_online.acquisition.stream_survey import surveyed
from bci_online.config import EegStream
from bci_online.input_findings import ordered

__all__ = ["StreamListing", "list_streams"]

# Twenty pulls a second of so many samples keep up with every amplifier.
MOST_ROWS = 8192
# Values of a stream that are judged; 64 channels fill them in a minute at 1000 Hz.
MOST_JUDGED = 4_000_000


class StreamListing(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of the network.

    Parameters
    ----------
    name, type, source_id : str
        How the stream is announced.
    host : str
        Computer that sends it.
    n_channels : int
        Values of each sample.
    format : str
        How samples are sent, such as ``float32``.
    sfreq : float
        Nominal rate in Hz; 0 for an irregular stream.
    measured_sfreq : float or None
        Rate of the samples that arrived, by their stamps; None for fewer than two samples.
    offset : float or None
        Added to its clock to get ours, in seconds; None if it did not answer.
    n_lost : int or None
        Samples that did not arrive while the stream was read; None where nobody counts them.
    ch_names : tuple of str
        Channels of an EEG stream that are electrodes, as it names them.
    impedances : tuple of (float or None)
        Of each of these in kΩ, as the stream's description says; empty where it says none.
    findings : tuple of str
        What is wrong with an EEG stream, one line each, as a training would say it.

    See Also
    --------
    list_streams : Makes the list.
    """

    name: str
    type: str
    source_id: str
    host: str
    n_channels: int
    format: str
    sfreq: float
    measured_sfreq: float | None
    offset: float | None
    n_lost: int | None = None
    ch_names: tuple[str, ...] = ()
    impedances: tuple[float | None, ...] = ()
    findings: tuple[str, ...] = ()


CountLost = Callable[[NDArray[np.float64], float], int]


def list_streams(
    search_s: float = 1.0,
    watch_s: float = 1.0,
    judge_s: float = 0.0,
    count_lost: CountLost | None = None,
) -> list[StreamListing]:
    """Return all streams that answer within `search_s` seconds; each is read for `watch_s` seconds.

    A stream that accepts no connection is listed without measurements.

    Parameters
    ----------
    search_s : float
        Seconds to wait for answers.
    watch_s : float
        Seconds to read each stream.
    judge_s : float
        Seconds to read streams, if one of them is an EEG: its channels and its rate are judged by
        so much. 0: none is judged.
    count_lost : callable, optional
        Returns how many samples of an EEG are missing, given their raw stamps and their rate.

    Returns
    -------
    streams : list of StreamListing
        The oldest first.

    See Also
    --------
    bci_online.acquisition.lsl.search.streams_there : The search alone.
    bci_online.preprocessing.lost_samples.n_lost : Counts lost samples.
    """
    watches = [_Watch(stream) for stream in streams_there(search_s)]
    try:
        began = time.monotonic()
        # liblsl needs about 0.7 s for the first measurement of a clock: all start now, in parallel.
        for watch in watches:
            watch.start()
        watch_s = max(watch_s, judge_s if any(watch.is_eeg for watch in watches) else 0.0)
        while time.monotonic() < began + watch_s:
            time.sleep(SLICE / 4)
            for watch in watches:
                watch.pull()
        return [watch.listing(judge_s > 0, count_lost) for watch in watches]
    finally:
        for watch in watches:
            watch.connection.close()


class _Watch:
    def __init__(self, stream: NetworkStream) -> None:
        self._stream = stream
        self._stamps: list[float] = []
        self._broken = False
        header = stream.header
        self._is_text = header.format == "string"
        dtype: Any = np.int8 if self._is_text else SAMPLE_TYPES[header.format]
        n_times = (
            MOST_TEXTS if self._is_text else int(min(max(MOST_TEXTS, header.sfreq), MOST_ROWS))
        )
        self._buffer = np.empty((n_times, header.n_channels), dtype)
        self.connection = Connection(stream)
        self.is_eeg = not self._is_text and header.sfreq > 0 and header.type.casefold() == "eeg"
        self._samples: list[NDArray[Any]] = []
        self._n_judged = 0

    def start(self) -> None:
        try:
            self._broken = self._broken or not self.connection.advance(SLICE)
            self.connection.offset(0.0)
        except ConnectionError:
            self._broken = True

    def pull(self) -> None:
        if self._broken:
            return
        try:
            if self._is_text:
                self._stamps += self.connection.pull_texts()[1].tolist()
            else:
                stamps = self.connection.pull(self._buffer, 0.0)
                self._stamps += stamps.tolist()
                if self.is_eeg and self._n_judged * self._buffer.shape[1] < MOST_JUDGED:
                    self._samples.append(self._buffer[: stamps.size].copy())
                    self._n_judged += stamps.size
        except ConnectionError:
            self._broken = True

    def listing(self, is_judged: bool, count_lost: CountLost | None) -> StreamListing:
        header, stamps = self._stream.header, self._stamps
        span = stamps[-1] - stamps[0] if len(stamps) > 1 else 0.0
        try:
            offset = None if self._broken else self.connection.offset(SLICE)
        except ConnectionError:
            offset = None
        listing = StreamListing(
            name=header.name,
            type=header.type,
            source_id=header.source_id,
            host=self._stream.host,
            n_channels=header.n_channels,
            format=header.format,
            sfreq=header.sfreq,
            measured_sfreq=(len(stamps) - 1) / span if span > 0 else None,
            offset=None if offset is None else offset.value,
        )
        if not self.is_eeg or not self._n_judged:
            return listing
        # Only a stream that was connected has sent its channels.
        description = stream_spec(self.connection.header)
        spec, all_stamps = description.spec, np.array(stamps)
        of_all = dict(zip(spec.ch_names, spec.impedances, strict=False))
        return msgspec.structs.replace(
            listing,
            n_lost=None if count_lost is None else count_lost(all_stamps, header.sfreq),
            ch_names=spec.eeg_names,
            impedances=tuple(of_all[name] for name in spec.eeg_names) if of_all else (),
            findings=self._findings(description, all_stamps) if is_judged else (),
        )

    def _findings(self, description: Description, stamps: NDArray[np.float64]) -> tuple[str, ...]:
        """Return what is wrong with an EEG stream, by its description and some seconds of it."""
        spec, factors, findings = description
        samples = np.concatenate(self._samples)
        scaled = samples if factors is None else samples * factors
        length = max(3, round(spec.sfreq))
        # Without the rest of less than a second: within it a slow channel seems to rest.
        starts = range(0, len(scaled) - length + 1, length)
        seconds = (scaled[start : start + length] for start in starts)
        _, found = surveyed(spec, EegStream(), seconds, stamps[: len(samples)])
        return tuple(one.text for one in ordered([*findings, *found]))
