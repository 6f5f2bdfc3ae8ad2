"""The streams that this system sends: EEG of playback and simulator, and those of a session."""

import math
import threading
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from bci_online.acquisition.lsl.connection import BUFFER_S
from bci_online.acquisition.lsl.liblsl import liblsl, local_clock
from bci_online.acquisition.lsl.outlet import Outlet
from bci_online.acquisition.stream_header import SAMPLE_TYPES
from bci_online.messages import Marker, StreamSpec
from bci_online.session_keys import session_key
from bci_online.session_names import SESSION_TYPES, session_source_id
from bci_online.signing import GREETING, Signer

__all__ = [
    "LslMarkerSink",
    "MarkerOutlet",
    "SampleOutlet",
    "TextOutlet",
    "eeg_outlet",
    "frames_outlet",
    "session_outlet",
]

GREETS_EVERY_S = 1.0

SampleType = Literal["int8", "int16", "int32", "int64", "float32", "double64"]


class SampleOutlet(Outlet):
    """Send samples of numbers.

    Parameters
    ----------
    info : pylsl.StreamInfo
        As `eeg_outlet` and `frames_outlet` make it.
    sample_type : str
        Type in which the numbers are sent.
    buffer_s : int
        Seconds that are kept for a slow consumer.

    See Also
    --------
    eeg_outlet, frames_outlet : Make one.
    """

    def __init__(self, info: Any, sample_type: SampleType, buffer_s: int = BUFFER_S) -> None:
        super().__init__(info, max_buffered=buffer_s)
        self._dtype = SAMPLE_TYPES[sample_type]

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
            self._open_outlet().push_chunk(samples, times.tolist())


class TextOutlet(Outlet):
    """Send text: markers, or JSON.

    Parameters
    ----------
    name, type_, source_id : str
        How the stream is announced.
    signer : Signer, optional
        Signs what is sent, which is JSON then.

    See Also
    --------
    session_outlet : Makes one of a session.
    """

    def __init__(self, name: str, type_: str, source_id: str, signer: Signer | None = None) -> None:
        lsl = liblsl()
        super().__init__(lsl.StreamInfo(name, type_, 1, lsl.IRREGULAR_RATE, "string", source_id))
        self.source_id, self._signer = source_id, signer
        # An engine's journal has lines of two threads, and signed lines must leave by their number.
        self._in_order = threading.Lock()
        self._greets_at = -math.inf

    def push(self, text: str, stamp: float | None = None) -> float:
        """Send `text`; return its stamp, by default the current time."""
        # liblsl takes 0 for the current time, and a signature holds for one stamp.
        sent = stamp or local_clock()
        outlet, self._greets_at = self._open_outlet(), math.inf
        with self._in_order:
            line = text if self._signer is None else self._signer.signed(text, sent)
            outlet.push_sample([line], sent)
        return sent

    def greet(self) -> None:
        """Send a greeting once a second until the first line: a signature shows the true stream."""
        if (now := local_clock()) >= self._greets_at:
            self.push(GREETING, now)
            self._greets_at = now + GREETS_EVERY_S


class MarkerOutlet:
    """Send the markers of a session: signed for its parts, and in plain words for everybody else.

    Parameters
    ----------
    session : str
        Name of the session.

    See Also
    --------
    bci_online.acquisition.lsl.session_inlet.session_inlet : What a part reads.

    Notes
    -----
    Why two streams. Readers of XDF take a stream of texts with one channel for markers, word for
    word: mnelab leaves out a stream with a second channel, and EEGLAB mixes the two. So the words
    that are recorded stay as they were, and no signature is in them.
    """

    def __init__(self, session: str) -> None:
        self._signed = session_outlet(session, "signed")
        self._words = session_outlet(session, "markers")
        self.source_id = self._words.source_id

    def push(self, text: str, stamp: float | None = None) -> float:
        """Send `text`; return its stamp, by default the current time."""
        line = msgspec.json.encode({"marker": text}).decode()
        return self._words.push(text, self._signed.push(line, stamp))

    def has_consumers(self) -> bool:
        """Return whether a program receives one of the streams."""
        return self._signed.has_consumers() or self._words.has_consumers()

    def close(self) -> None:
        """End the streams; a second call does nothing."""
        self._signed.close()
        self._words.close()


class LslMarkerSink:
    """A `MarkerSink` that sends each marker with its own time.

    Parameters
    ----------
    outlet : TextOutlet or MarkerOutlet
        Where markers are sent.

    See Also
    --------
    bci_online.acquisition.source.MarkerSink : What it is.
    """

    def __init__(self, outlet: TextOutlet | MarkerOutlet) -> None:
        self._outlet = outlet

    def mark(self, marker: Marker) -> None:
        """Send `marker`; its time is that of this computer's LSL clock."""
        self._outlet.push(marker.text, marker.time)


def session_outlet(session: str, kind: str) -> TextOutlet:
    """Return the outlet of a text stream of a session, which signs all but plain markers.

    Parameters
    ----------
    session : str
        Name of the session.
    kind : str
        Which of its streams.

    Returns
    -------
    outlet : TextOutlet
        It is announced at once.

    Raises
    ------
    ValueError
        As `session_source_id` does; and for ``frames`` and ``eeg``, which are numbers.
    BciError
        If the session's key cannot be kept.

    See Also
    --------
    MarkerOutlet : Sends markers to the session's parts too.
    bci_online.session_names.session_source_id : Its source_id.
    """
    source_id = session_source_id(session, kind)
    if kind in {"frames", "eeg"}:
        raise ValueError(f"{kind} is numbers: make its outlet with {kind}_outlet")
    signer = None if kind == "markers" else Signer(session_key(session), source_id)
    return TextOutlet(f"bci-online-{kind}", SESSION_TYPES[kind], source_id, signer)


def frames_outlet(session: str) -> SampleOutlet:
    """Return the outlet of the screen's frame intervals: one number in milliseconds per frame.

    Parameters
    ----------
    session : str
        Name of the session.

    Returns
    -------
    outlet : SampleOutlet
        Of one channel.

    See Also
    --------
    session_outlet : The other streams of a session.
    """
    spec = StreamSpec(
        name="bci-online-frames", sfreq=0.0, ch_names=("interval",), ch_types=("Frames",),
        type=SESSION_TYPES["frames"], source_id=session_source_id(session, "frames"),
        unit="milliseconds",
    )  # fmt: skip
    return eeg_outlet(spec, sample_type="double64")


def eeg_outlet(
    spec: StreamSpec, *, sample_type: SampleType = "float32", buffer_s: int = BUFFER_S
) -> SampleOutlet:
    """Return an outlet whose description is `spec`.

    Parameters
    ----------
    spec : StreamSpec
        Announced with all channels, units, known impedances and the reference.
    sample_type : str
        Type in which the numbers are sent.
    buffer_s : int
        Seconds that are kept for a slow consumer.

    Returns
    -------
    outlet : SampleOutlet
        It is announced at once.

    See Also
    --------
    session_outlet : For text.
    """
    info = liblsl().StreamInfo(
        spec.name, spec.type, len(spec.ch_names), spec.sfreq, sample_type, spec.source_id
    )
    _describe_channels(info, spec)
    if spec.reference:
        info.desc().append_child("reference").append_child_value("label", spec.reference)
    if spec.amplifier:
        info.desc().append_child("acquisition").append_child_value("model", spec.amplifier)
    return SampleOutlet(info, sample_type, buffer_s)


def _describe_channels(info: Any, spec: StreamSpec) -> None:
    channels = info.desc().append_child("channels")
    for name, kind, kohm in zip_longest(spec.ch_names, spec.ch_types, spec.impedances):
        channel = channels.append_child("channel")
        for field, value in (("label", name), ("unit", spec.unit), ("type", kind)):
            channel.append_child_value(field, value)
        if kohm is not None:
            channel.append_child_value("impedance", f"{kohm:g}")
