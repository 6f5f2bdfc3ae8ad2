"""The commands of `bci-online`, one module each, named as it is typed.

A command's module holds the typed function and what it does. It imports heavy libraries inside
functions, so that ``--help`` answers at once. `part` holds the processes of a session.

What several commands share: `options`, `run_request` with `run_output` (one run: `run`, `replay`,
`play`), `session_request` with `session_showing` (a recorded session: `spell`, `feedback`, `demo`
and `bci-calibrate record`), `findings` (of `doctor`). Long bodies are beside their commands:
`system_checks` and `photodiode` of `doctor`, `bids` of `export`, `panel_window` of `panel`,
`amplifier` (one without LSL) of `run` and `part`.
"""
