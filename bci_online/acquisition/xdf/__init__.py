"""The only place that reads XDF files; it also writes them for simulations.

`source` plays a recording as a Source: `tape_source` is what recordings of all formats have in
common, `tape` what was loaded. `chunks` finds the sound parts of a file, `samples` how many bytes
the samples of a chunk take, `file` loads streams after `packed` has unpacked them: `texts` at once,
`sample_rows` numbers when they are asked for. `streams` chooses among streams, `overview` has all
of them with their times. `clocks` and `markers` put offsets and markers in the order in which
they are delivered, `common_times` is all times at once. `journal` lets a replay of our own session
follow its live run, `session_texts` reads its lines. `repair` makes of a damaged file one that
other readers open: `remains` is what is left of its streams, `repaired_xml` their headers and
footers. `writer` writes the recordings of simulated sessions;
LabRecorder writes live ones.
"""

from bci_online.acquisition.xdf.source import XdfSource, describe_streams
from bci_online.acquisition.xdf.tape_source import TapeSource

__all__ = ["TapeSource", "XdfSource", "describe_streams"]
