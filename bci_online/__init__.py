"""The online brain-computer interface, room by room in the order in which data flow.

* `acquisition`: readings from LSL streams, recordings, the simulator or mne-realtime;
* `preprocessing`: clock, losses, filter, ring buffer, epochs or windows, signal quality;
* `decoding`: decoders, and the one file that carries them;
* `paradigms`: decisions from scores, and what a subject is shown;
* `runtime`: one run in one process, live or over a recording;
* `session`: one session of several processes: starts, watches and closes them;
* `lab`: a lab's folder: what was recorded and trained in it, and what comes next;
* `gui`: the subject's screen, the operator's panel and the lab's window;
* `look`: what a recording holds, before anything is trained on it;
* `terminal`: what a person reads in a terminal;
* `commands`: one module per command of ``bci-online``.

Below the rooms, each above those it imports:

* `session_state`: the state of a session, worked out from its messages;
* `config`: every number that a user can set, and the decoder's header;
* `metrics`: accuracies and information transfer rates;
* `console`, `option_values`, `output_paths`, `progress`: errors, notes, values of options, files to
  write and progress bars of the commands of both packages;
* `translation`: the table for foreign markers; `marker_presets` has those of known programs;
* `session_lines`: the lines of JSON on a session's streams;
* `session_keys`: the key of a session, in a file that only its user can read;
* `own_text`: what a subject wrote in earlier sessions, if a configuration names it;
* `standing_letters`: which decisions nobody took back;
* `summaries`: the figures that the processes of a session leave behind;
* `markers`: the events of an experiment as text;
* `session_names`: the names of a session's streams;
* `messages`: what passes between rooms;
* `stimulus_findings`: what became of stimuli that are not used;
* `toml_text`: configurations as TOML; `counted`: numbers with their nouns;
* `page`: HTML pages that need no other file;
* `atomic_write`: files that are written whole or not at all;
* `interrupts`: how a Ctrl-C ends a process;
* `signing`: lines that only a program with the session's key can send;
* `notes`: markers that are not stimuli;
* `sensor_names`: which names of channels mean the same sensor, and which none;
* `channel_quality`: how good the channels are, in figures;
* `covariances`: covariances of epochs, drawn towards what is simpler;
* `input_findings`: what is wrong with a recording or a stream;
* `errors`: what a caller can act on.
"""
