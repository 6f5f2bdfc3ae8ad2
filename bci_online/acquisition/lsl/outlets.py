"""The streams that this system sends: EEG of playback and simulator, and those of a session."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bci_online.acquisition.lsl.connection import BUFFER_S
from bci_online.acquisition.lsl.liblsl import liblsl, local_clock
from bci_online.acquisition.stream_header import SAMPLE_TYPES
from bci_online.messages import Marker, StreamSpec
from bci_online.session_names import SESSION_TYPES, session_source_id

__all__ = [
    "LslMarkerSink",
    "Outlet",
    "SampleOutlet",
    "TextOutlet",
    "eeg_outlet",
    "frames_outlet",
    "session_outlet",
    "wait_for_consumers",
    "wait_until_left",
]

SampleType = Literal["int8", "int16", "int32", "int64", "float32", "double64"]
POLL = 0.01


class Outlet(Protocol):
    """The common part of both kinds of outlets."""

    def has_consumers(self) -> bool:
        """Return whether a program receives the stream."""
        ...


def wait_for_consumers(outlets: Sequence[Outlet], timeout: float) -> bool:
    """Wait until every outlet has a consumer; return whether that happened within `timeout` s.

    liblsl drops everything that is sent before.
    """
    return _wait_for(lambda: all(outlet.has_consumers() for outlet in outlets), timeout)


def wait_until_left(outlets: Sequence[Outlet], timeout: float) -> bool:
    """Wait until no outlet has a consumer; return whether that happened within `timeout` s.

    When an outlet closes, a consumer loses everything that it has not read yet.
    """
    return _wait_for(lambda: not any(outlet.has_consumers() for outlet in outlets), timeout)


def _wait_for(condition: Callable[[], bool], timeout: float) -> bool:
    # Not liblsl's own wait: it blocks Ctrl-C.
    until = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= until:
            return False
        time.sleep(POLL)
    return True


class SampleOutlet:
    """Send samples of numbers.

    Parameters
    ----------
    info : pylsl.StreamInfo
        As `eeg_outlet` and `frames_outlet` make it.
    sample_type : str
        Type in which the numbers are sent.
    buffer_s : int
        Seconds that are kept for a slow consumer.
    """

    def __init__(self, info: Any, sample_type: SampleType, buffer_s: int = BUFFER_S) -> None:
        self._dtype = SAMPLE_TYPES[sample_type]
        self._outlet: Any = liblsl().StreamOutlet(info, max_buffered=buffer_s)

    def push(self, data: ArrayLike, stamps: float | Sequence[float] | NDArray[Any] = 0.0) -> None:
        """Send samples (n_times, n_channels).

        Parameters
        ----------
        data : array_like, shape (n_times, n_channels)
            In the unit of the stream.
        stamps : float or sequence of float, shape (n_times,)
            One stamp per sample; or the stamp of the last sample, and liblsl computes the others
            from the nominal rate. 0 means now.
        """
        samples = np.ascontiguousarray(data, dtype=self._dtype)
        times = np.asarray(stamps, dtype=np.float64)
        if times.ndim and times.shape != samples.shape[:1]:
            raise ValueError(f"{times.size} stamps must be one for each of {len(samples)} samples")
        if len(samples):
            _open_outlet(self._outlet).push_chunk(samples, times.tolist())

    def has_consumers(self) -> bool:
        """Return whether a program receives the stream."""
        return self._outlet is not None and bool(self._outlet.have_consumers())

    def close(self) -> None:
        """End the stream; a second call does nothing."""
        self._outlet = None


class TextOutlet:
    """Send text: markers, or JSON.

    Parameters
    ----------
    name, type_, source_id : str
        How the stream is announced.
    """

    def __init__(self, name: str, type_: str, source_id: str) -> None:
        self.source_id = source_id
        lsl = liblsl()
        info = lsl.StreamInfo(name, type_, 1, lsl.IRREGULAR_RATE, "string", source_id)
        self._outlet: Any = lsl.StreamOutlet(info)

    def push(self, text: str, stamp: float | None = None) -> float:
        """Send `text`; return its stamp, by default the current time."""
        sent = local_clock() if stamp is None else stamp
        _open_outlet(self._outlet).push_sample([text], sent)
        return sent

    def has_consumers(self) -> bool:
        """Return whether a program receives the stream."""
        return self._outlet is not None and bool(self._outlet.have_consumers())

    def close(self) -> None:
        """End the stream; a second call does nothing."""
        self._outlet = None


def _open_outlet(outlet: Any) -> Any:
    if outlet is None:
        raise RuntimeError("this outlet was closed")
    return outlet


class LslMarkerSink:
    """A `MarkerSink` that sends each marker with its own time.

    Parameters
    ----------
    outlet : TextOutlet
        Where markers are sent.
    """

    def __init__(self, outlet: TextOutlet) -> None:
        self._outlet = outlet

    def mark(self, marker: Marker) -> None:
        """Send `marker`; its time is that of this computer's LSL clock."""
        self._outlet.push(marker.text, marker.time)


def session_outlet(session: str, kind: str) -> TextOutlet:
    """Return the outlet of a text stream of a session: markers, decisions, journal or control.

    Raises
    ------
    ValueError
        As `session_source_id` does; and for ``frames`` and ``eeg``, which are numbers.
    """
    source_id = session_source_id(session, kind)
    if kind in {"frames", "eeg"}:
        raise ValueError(f"{kind} is numbers: make its outlet with {kind}_outlet")
    return TextOutlet(f"bci-online-{kind}", SESSION_TYPES[kind], source_id)


def frames_outlet(session: str) -> SampleOutlet:
    """Return the outlet of the screen's frame intervals: one number in milliseconds per frame."""
    source_id = session_source_id(session, "frames")
    info = liblsl().StreamInfo(
        "bci-online-frames", SESSION_TYPES["frames"], 1, 0.0, "double64", source_id
    )
    _describe_channels(info, ["interval"], ["Frames"], "milliseconds")
    return SampleOutlet(info, "double64")


def eeg_outlet(
    spec: StreamSpec, *, sample_type: SampleType = "float32", buffer_s: int = BUFFER_S
) -> SampleOutlet:
    """Return an outlet whose description is `spec`."""
    info = liblsl().StreamInfo(
        spec.name, spec.type, len(spec.ch_names), spec.sfreq, sample_type, spec.source_id
    )
    _describe_channels(info, spec.ch_names, spec.ch_types, spec.unit)
    if spec.reference:
        info.desc().append_child("reference").append_child_value("label", spec.reference)
    if spec.amplifier:
        info.desc().append_child("acquisition").append_child_value("model", spec.amplifier)
    return SampleOutlet(info, sample_type, buffer_s)


def _describe_channels(info: Any, names: Sequence[str], types: Sequence[str], unit: str) -> None:
    channels = info.desc().append_child("channels")
    for name, type_ in zip(names, types, strict=True):
        channel = channels.append_child("channel")
        for field, value in (("label", name), ("unit", unit), ("type", type_)):
            channel.append_child_value(field, value)
