"""The P300 speller.

* `decision` decides letters: evidence of each flash (`letter_evidence`), posterior, stopping;
* `presentation` shows a session frame by frame: `matrix` (symbols), `flash_order`, `flash_timing`
  (whole frames), `spelling` (the text) and `spelling_trial` (the letter asked for);
* `language` gives the probability of the next symbol, `suggestions` offers words;
* `simulated_speller` chooses symbols like a subject who wants to write a text.
"""
