"""mne-realtime's clients as sources.

* `fieldtrip`: `FieldTripClient`; ``eeg.source = "fieldtrip://HOST:PORT"``;
* `mock`: `MockRtClient`, which plays a FIF file; ``eeg.source = "mne-mock:FILE.fif"``;
* `client_stream` turns the buffers of both into readings.

mne-realtime 0.3.0 is discontinued. Its faults end in this room, which imports it (and MNE) only
when a source is opened. Its `LSLClient` has no source here: it throws the time stamps away, and
`bci_online.acquisition.lsl.LslSource` reads the same streams with their times.

The clients deliver no time stamps. The clock of these sources is the sample counter divided by the
sampling rate, for EEG and markers alike: it does not know when a sample arrived. FieldTrip numbers
its samples, so samples that its buffer dropped leave a hole in the stamps. A loss before the
buffer, or in the other client, cannot be seen.
"""

from bci_online.acquisition.mne_realtime.fieldtrip import FieldTripSource
from bci_online.acquisition.mne_realtime.mock import MockClientSource, read_fif

__all__ = ["FieldTripSource", "MockClientSource", "read_fif"]
