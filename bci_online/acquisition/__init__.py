"""Where readings come from, and where markers go to.

`source` defines the interfaces: Source and MarkerSink. `lsl` (the network), `xdf` (recordings),
`simulator` (with `synthetic_eeg` and `montage`) and `mne_realtime` (its clients) implement them.
`stream_header` reads the description of a stream, in a file or on the network.
"""
