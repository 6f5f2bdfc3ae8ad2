"""Where readings come from, and where markers go to.

`source` defines the interfaces: Source, RecordedSource and MarkerSink. `lsl` (the network), `xdf`
(recordings), `simulator` (with `synthetic_eeg` and `montage`) and `mne_realtime` (its clients)
implement them. `stream_header` reads the description of a stream, and `stream_choice` says which
stream is meant, in a file and on the network.
"""
