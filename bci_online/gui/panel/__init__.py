"""The operator's panel, part by part: what is received, and what is drawn.

`window` is the panel: it receives a session's messages, keeps a `SessionState`, and shows it.
`signal_reader` reads the EEG in a thread, `signal_figures` judges it; `watchdog` notices what has
fallen silent; `figure_wording` and `header_bar` word the state. `columns`, `trace_image` and
`scroller` draw the signal, the others one part of the window each.
"""
