"""One run in one process: source, preprocessing, decoder and paradigm joined.

* `chain` joins them; `assembly` builds it from a decoder file;
* `engine` runs the chain live in two threads; `live` adds its streams, `publisher` and `publishing`
  send what it says, `no_decoder` builds the chain of a session without a decoder;
* `replay` runs recordings and counts what was decided, `playback` plays one into LSL;
* `whole_recording` reads a recording raw, `simulated_recording` writes one.
"""
