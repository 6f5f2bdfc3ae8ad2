"""The corridor that joins the rooms.

* `chain` and `assembly` join them, `replay` and `whole_recording` run recordings through;
* `engine`, `live` and `live_run` do so live, `watching` without a decoder;
* `session_plan` says what a session is to be, `session_config` what its parts go by, `conductor`
  runs it, with `session` (processes), `listening` (its streams), `electrodes`, `operating` and
  `onlooking` (who steers it, and who only looks).
"""
