"""The online brain-computer interface, room by room in the order in which data flow.

* `acquisition`: readings from LSL streams, recordings, the simulator or mne-realtime;
* `preprocessing`: clock, losses, filter, ring buffer, epochs or windows, signal quality;
* `decoding`: decoders, and the one file that carries them;
* `paradigms`: decisions from scores, and what a subject is shown;
* `runtime`: one run in one process. `assembly` builds the `chain` of all rooms above; `engine` and
  `live` run it live, `replay` runs it over recordings, `playback` plays a recording into LSL;
* `session`: one session of several processes: starts, watches and closes them;
* `gui`: the subject's screen and the operator's panel;
* `commands`: one module per command of ``bci-online``.

Below the rooms: `messages` pass between them, `markers` are the events of an experiment,
`translation` reads foreign markers, `config` holds every number that a user can set, `metrics`
computes accuracies and information transfer rates, `session_names` has the names of a session's
streams, `console` and `progress` are shared by the commands of both packages, `errors` are what a
caller can act on.
"""
