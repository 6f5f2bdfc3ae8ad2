"""The commands of `bci-online`, one module each, named as it is typed.

A command's module holds the typed function and what it does. It imports heavy libraries inside
functions, so that ``--help`` answers at once. `bodies` holds the long bodies, and
`bci_online.terminal` shows the results.

* One run: `run`, `replay`, `play`; `simulate` writes or sends a simulated recording.
* A recorded session: `spell`, `feedback`, `demo`; `part` starts one process of it.
* Around a session: `config`, `doctor`, `streams`, `panel`, `key`, `own_text`; afterwards:
  `verify`, `repair`, `export`; `look` at any recording; `lab` is one window for all of it.

Four modules are not commands. They hold what several commands ask for: `options`, `run_request`
(`run`, `replay`), `session_request` (`spell`, `feedback`, `demo`, ``bci-calibrate record``), and
`resumption`, what is left of a calibration.
"""
