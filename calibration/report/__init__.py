"""One HTML page about a decoder, which loads nothing from elsewhere.

* `report_files` finds the files of a page, `material` reads what it shows;
* `sections` puts the page together, with `flash_sections` or `imagery_sections` in the middle;
* `wording` says the figures with their counts and intervals, `session_wording` those of a session,
  `evidence_wording` what a decoder knows of its scores;
* `trial_power` computes the power of imagery;
* `flashes`, `imagery`, `scalp`, `learning` and `signal_quality` draw; `drawing` makes inline SVG of
  matplotlib's figures;
* `bci_online.page` has the parts of the HTML, and the whole page.

`calibration.commands.report` is the command.
"""
