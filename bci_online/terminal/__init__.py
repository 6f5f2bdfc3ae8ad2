"""What a person reads in a terminal, and what a program reads there as lines of JSON.

* `run_output`: a run as lines, with a table at its end;
* `electrode_page`: the quality of each channel, before a session begins;
* `expected_letters`: what to expect of a decoder, before a session;
* `session_output`: a session as a picture, as lines or as JSON; `session_view` is the picture;
* `look_output`: a look at a recording;
* `findings`: the lines of ``doctor``.

A terminal computes nothing: it shows messages, figures and `bci_online.session_state`.
"""
