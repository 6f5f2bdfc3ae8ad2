"""The online brain-computer interface, in the order that data flow.

* `acquisition`: where readings come from: recordings, the simulator, mne-realtime clients;
* `preprocessing`: clock, losses, filter, ring buffer, epochs, quality;
* `decoding`: decoders and the one file that carries them;
* `paradigms`: what makes decisions of scores: the P300 speller;
* `runtime`: the corridor: `chain` joins the rooms, `assembly` builds it, `replay` runs files;
* `commands`: what the command line shows of it.

`messages` are what passes between rooms, `markers` the events of an experiment, `config` every
number a person may set, `metrics` the figures of merit, `errors` what a caller can act on.
"""
