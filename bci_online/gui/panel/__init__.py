"""The operator's panel, part by part: what is read, what is counted, what is drawn.

`signal_reader` reads the EEG in a thread, `signal_figures` judges it; `session_figures` counts what
a session says, `alarms` keeps what has to be acknowledged. `columns`, `trace_image` and `scroller`
draw the signal, the others one part of the window each. `operator_panel` is the window.
"""
