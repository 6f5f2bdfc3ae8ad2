"""Where readings come from, and where markers go to.

`source` holds the protocols: Source, RecordedSource and MarkerSink. Sources are `lsl` (the
network), `xdf` (recordings), `simulator` (with `synthetic_eeg` and `montage`) and `mne_realtime`
(its clients). `stream_header` reads what a stream says of itself, and `stream_choice` says which
stream is meant, in a file and on the network.
"""
