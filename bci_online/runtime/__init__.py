"""One run in one process: it joins the rooms between a source and a decision.

`assembly` makes a `chain` of a decoder file, and is the only place that names concrete classes;
`no_decoder` makes one that only looks at the signal. `replay` pushes a recording through it, `live`
the streams of the network, with `engine` (threads and watchdog) and `publisher` (what goes out to
LSL and to a person); `tally` counts in both and gives the summary. `playback` sends a recording to
LSL, `simulated_recording` writes one, `whole_recording` reads one as it is.
"""
