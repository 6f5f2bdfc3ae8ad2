"""The lab streaming layer: the only room that imports pylsl.

In:

* `source`: `LslSource`, EEG and markers;
* `connection`: one connection to one stream; `readers` turn its samples into chunks and markers;
* `reconnection`: measures clock offsets and replaces broken connections, in its own thread; what it
  reports is in `stream_news`;
* `text_inlet`: the texts of one stream; `session_inlet` makes one that takes signed lines alone;
* `signed_markers`: a session's markers beside an EEG that has none.

Out:

* `outlets`: EEG, frames, markers and the texts of a session; `outlet`: how each begins and ends;
  `consumers`: whether anybody receives them;
* `control`: the control stream, from a conductor to all and from a panel to the conductor.

Both:

* `liblsl`: loads the library on first use; `loopback_config` keeps a session on one computer;
* `network`: which streams there are; `search` waits for one, `listing` lists them for a person,
  `short_recording` reads all of them for some seconds.
"""

from bci_online.acquisition.lsl.connection import Connection
from bci_online.acquisition.lsl.consumers import wait_for_consumers, wait_until_left
from bci_online.acquisition.lsl.liblsl import CONFIG_VARIABLE, local_clock, loopback_config
from bci_online.acquisition.lsl.listing import StreamListing, list_streams
from bci_online.acquisition.lsl.outlets import (
    LslMarkerSink,
    MarkerOutlet,
    SampleOutlet,
    TextOutlet,
    eeg_outlet,
    frames_outlet,
    session_outlet,
)
from bci_online.acquisition.lsl.search import find_stream
from bci_online.acquisition.lsl.session_inlet import StrangerWatch, session_inlet
from bci_online.acquisition.lsl.signed_markers import SignedMarkers
from bci_online.acquisition.lsl.source import LslSource
from bci_online.acquisition.lsl.text_inlet import Text, TextInlet
from bci_online.session_names import SESSION_TYPES, session_source_id

__all__ = [
    "CONFIG_VARIABLE",
    "SESSION_TYPES",
    "Connection",
    "LslMarkerSink",
    "LslSource",
    "MarkerOutlet",
    "SampleOutlet",
    "SignedMarkers",
    "StrangerWatch",
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
    "session_inlet",
    "session_outlet",
    "session_source_id",
    "wait_for_consumers",
    "wait_until_left",
]
