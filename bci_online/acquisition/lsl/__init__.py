"""The lab streaming layer: the only room that imports pylsl.

In: `LslSource` reads EEG and markers, `TextInlet` the texts of a session, `list_streams` says what
is on the network. Out: `eeg_outlet`, `session_outlet`, `frames_outlet`, `LslMarkerSink`. For one
computer alone: `loopback_config`.

`library` loads liblsl when it is first used; `network` knows what a stream is and which is meant,
`search` waits for it; `connection` is one connection, `readers` make chunks and markers of it,
`upkeep` measures clock offsets and mends what breaks in a thread of its own.
"""

from bci_online.acquisition.lsl.connection import Connection
from bci_online.acquisition.lsl.liblsl import CONFIG_VARIABLE, local_clock, loopback_config
from bci_online.acquisition.lsl.listing import StreamListing, list_streams
from bci_online.acquisition.lsl.outlets import (
    SESSION_TYPES,
    LslMarkerSink,
    SampleOutlet,
    TextOutlet,
    eeg_outlet,
    frames_outlet,
    session_outlet,
    session_source_id,
    wait_for_consumers,
    wait_until_left,
)
from bci_online.acquisition.lsl.search import find_stream
from bci_online.acquisition.lsl.source import LslSource
from bci_online.acquisition.lsl.text_inlet import Text, TextInlet

__all__ = [
    "CONFIG_VARIABLE",
    "SESSION_TYPES",
    "Connection",
    "LslMarkerSink",
    "LslSource",
    "SampleOutlet",
    "StreamListing",
    "Text",
    "TextInlet",
    "TextOutlet",
    "eeg_outlet",
    "find_stream",
    "frames_outlet",
    "list_streams",
    "local_clock",
    "loopback_config",
    "session_outlet",
    "session_source_id",
    "wait_for_consumers",
    "wait_until_left",
]
