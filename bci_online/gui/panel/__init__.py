"""The operator's panel: one window on a running session.

What it receives:

* `application`: the panel as an application; `window` receives messages, keeps a `SessionState`
  and shows it; `protocols` is what it needs of a session;
* `signal_reader`: reads the EEG in a thread; `signal_figures` judges it;
* `watchdog`: finds streams that have fallen silent.

What it draws:

* `header_bar`: the state of the session, and the buttons;
* `scroller`: the EEG and its markers: `sample_times` gives times, `columns` the range of each
  column, `trace_image` the image; `traces` is a scroller that reads by itself;
* `spectrum`: of the last seconds;
* `evidence_bars`: the evidence of the open trial;
* `scalp_map`: the quality of each channel, on the head;
* `figure_grid`: figures in columns; `figure_wording` words them;
* `alarm_list`: open alarms, and a line for notes;
* `shades`: greys between a theme's ground and its text.
"""
