"""One run in one process: source, preprocessing, decoder and paradigm joined.

* `chain` joins them; `assembly` builds it from a decoder file;
* `engine` runs the chain live in two threads; `live` adds its streams, `publisher` sends what it
  says, `no_decoder` builds the chain of a session without a decoder;
* `replay` runs recordings, `tally` counts what was decided, live and in a replay;
* `playback` plays a recording into LSL, `forwarding` sends an amplifier without LSL there;
* `whole_recording` reads a recording raw, `simulated_recording` writes one.
"""
