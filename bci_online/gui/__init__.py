"""What people look at: the subject's screen and the operator's panel, each its own process.

* `screen` runs a session's frames, `bridge` joins them to its streams;
* `display`, `windows` and `flips` bring frames onto a monitor in time;
* `painting` is what every painter has in common; `speller` and `mi_feedback` are the painters, with
  `geometry`, `cells`, `text_line`, `imagery_geometry`, `imagery_shapes`, `lettering`, `notices`,
  `themes` and `texts`; `question` is asked before anything flashes;
* `operator_panel` and `panel` are the operator's.
"""
