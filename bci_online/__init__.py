"""The online brain-computer interface, in the order that data flow.

* `acquisition`: where readings come from: LSL streams, recordings, the simulator, mne-realtime;
* `preprocessing`: clock, losses, filter, ring buffer, epochs or windows, quality;
* `decoding`: decoders and the one file that carries them;
* `paradigms`: what makes decisions of scores, and what a subject is shown;
* `runtime`: the corridor: `chain` joins the rooms, `assembly` builds it; `replay` runs recordings
  and counts, `engine` runs it live in threads and `live` publishes what it says; `player` plays
  recordings into LSL, `session` starts processes;
* `gui`: what the subject sees; frames, windows and the painted picture;
* `commands`: what the command line shows of it.

`messages` are what passes between rooms, `markers` the events of an experiment and `translation`
the table that reads foreign ones, `config` every number a person may set, `metrics` the figures of
merit, `console` what both commands share, `errors` what a caller can act on.
"""
