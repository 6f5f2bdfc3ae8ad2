"""Where readings come from, and where markers go to.

`source` are the doors: Source and MarkerSink. Behind them stand `lsl` (the network), `xdf`
(recordings), `simulator` (with `synthetic_eeg` and `montage`) and `mne_realtime` (its clients).
`stream_header` reads what a stream says of itself, in a file or on the network.
"""
