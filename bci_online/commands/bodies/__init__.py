"""The long bodies of commands, which load heavy libraries: imported only when a command runs.

* `amplifier` sends an amplifier without LSL into LSL, for `run` and `part`;
* `bids` writes a BIDS data set, for `export`;
* `live_look` looks at the streams of the network, for `look`;
* `panel_window` opens the operator's panel, for `panel` and `part`;
* `resuming` finds what is left of a calibration, for ``bci-calibrate record --resume``;
* `recorded_session` reads a session from its recording; `repair` repairs it, and
  `verification` checks it for `verify`;
* `system_checks`, `lsl_checks` and `photodiode` check computer, LSL and screen, for `doctor`.
"""
