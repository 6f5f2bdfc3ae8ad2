"""Recordings of other formats than XDF, as the streams that a recording in XDF would have.

`acquisition.file_names` decides by a file's name which reader opens it. `mne_raw` reads what MNE
reads, `raw_rows` its samples block by block, and `edf_records` says where such a file of EDF has
gaps. `bci2000` reads the files of BCI2000 (`bci2000_header` their headers), and `bids` the tables
that stand beside a recording in a BIDS data set. All of them make what `converted` defines;
`source` plays it. MNE is imported only when a file is opened that needs it.
"""

from bci_online.acquisition.other_formats.bids import bids_recordings
from bci_online.acquisition.other_formats.source import ConvertedSource

__all__ = ["ConvertedSource", "bids_recordings"]
