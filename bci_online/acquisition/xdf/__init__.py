"""The only place that reads, and for simulations writes, XDF files.

`source` walks a recording as a Source; `chunks` finds what is sound in a file, `file` loads it
through pyxdf, `streams` chooses among streams, `clocks` and `markers` arrange offsets and markers
in the order in which they come, `journal` lets a session of ours be followed as it was live.
`writer` writes the recordings of simulated sessions (live ones are written by LabRecorder).
"""

from bci_online.acquisition.xdf.source import XdfSource, describe_streams

__all__ = ["XdfSource", "describe_streams"]
