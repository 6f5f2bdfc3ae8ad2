"""mne-realtime's clients as sources: `MockRtClient`, `FieldTripClient` and `LSLClient`.

A configuration names one as ``eeg.source``: ``fieldtrip://HOST:PORT`` or ``mne-mock:FILE.fif``.
mne-realtime 0.3.0 is discontinued. Its faults end in this room, which imports it (and MNE) only
when a source is opened.

Its clients deliver no time stamps. The clock of these sources is the sample counter divided by the
sampling rate, for EEG and markers alike: it knows nothing of when a sample arrived, and of a loss
only what the counter tells. FieldTrip numbers its samples, so what its buffer dropped leaves a
hole in the stamps; what was lost before the buffer, or in any other client, cannot be seen.
"""

from bci_online.acquisition.mne_realtime.fieldtrip import FieldTripSource
from bci_online.acquisition.mne_realtime.lsl import LslClientSource
from bci_online.acquisition.mne_realtime.mock import MockClientSource, read_fif

__all__ = ["FieldTripSource", "LslClientSource", "MockClientSource", "read_fif"]
