"""The P300 speller.

* `decision` decides letters: evidence of each flash (`letter_evidence`), posterior, stopping;
* `presentation` shows the trial frame by frame: `matrix`, `flash_order`, `flash_timing`,
  `spelling` and `spelling_trial`;
* `language` says what is likely to be spelled next, `suggestions` offers it;
* `simulated_speller` is a subject who knows what to write.
"""
