"""One run in one process: source, preprocessing, decoder and paradigm joined.

* `chain`: joins them; readings in, messages out;
* `incoming_markers`: markers on their way into it;
* `steering`: which markers may change what is decided;
* `assembly`: builds the chain that a decoder was trained for;
* `session_recentring`: the recentring that a decoder of imagery asks for;
* `sources`: opens the recording, network or client that a configuration names;
* `lagged_scores`: scores at shifted onsets, which say when responses come;
* `scoring`: scores epochs, without sensors that fail (`lost_sensors`; `sensor_news` says so), by a
  decoder that may follow its session (`adaptation`, with what its `followed_letters` taught it);
* `feedback_scores`: scores of what follows the speller's answers, for error potentials;
* `no_decoder`: the chain of a session without a decoder; `no_calibration` makes the decoder of a
  session that was not calibrated, and `fitted_decoders` reads one that its letters have made;
* `earlier_runs`: what a session's earlier runs leave to the next one;
* `engine`: runs a chain live, in a thread; `source_reader` is what it reads, and `gathering` says
  when;
* `live`: a live run, with its streams; `publisher` sends its messages;
* `judged_readings`: live readings with a judgement of their channels; `surveyed_readings` compares
  the first seconds with what the stream says of itself;
* `replay`: a recording through the chain;
* `tally`: counts what was decided, live and in a replay, `total` in several; `score_history` and
  `trial_starts` keep its scores and times in bounded memory, `sketches` are medians and ranks in
  fixed memory;
* `playback`: plays a recording into LSL; `forwarding` sends an amplifier without LSL there;
* `whole_recording`: reads a recording raw; `simulated_recording` writes one.
"""
