"""A recorded session: several processes, one folder, one person who steers it.

* `plan` says what a session is to be, `config` is the configuration of its processes, `folder`
  where it is kept, `summary` its results, `checksums` how a changed file is found later;
* `conductor` runs it, from the folder to the summary: `running_session` starts its `parts`, which
  are `processes`, waits until each is ready, and closes everything in order; `shown` are its
  messages, to a terminal that may go away; `parent` is a part's
  line to it, and `this_machine` keeps its streams off the network; `hung_parts` and
  `recording_watch` notice what no longer works and what no longer reaches the disk;
* `promises` asks a `worker` what the letters of a calibration promise, so that it can end by
  itself; `supervision` asks one for a decoder of the letters that were spelled without any, and
  `library_start` has a library read before the first of them;
* `streams` receives what the processes send, `operator` obeys a panel, and what `typed_commands`
  reads from standard input; `onlooker` is the panel's side;
* `electrodes` are accepted before anything begins; `recorder` has the real LabRecorder
  (`lab_recorder`) write the recording, and watches it.

The state of a session is not computed here: `bci_online.session_state` does that.
"""
