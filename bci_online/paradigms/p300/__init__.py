"""The P300 speller.

Decisions:

* `decision`: one letter after the other; `flashed_letter` is one of them: posterior and stopping;
* `letter_evidence`: the evidence of each flash for each symbol;
* `flash_labels`: whether a flash was a target;
* `uncalibrated`: letters without a decoder, until they have made one; `uncalibrated_evidence` is by
  `mean_differences` between their epochs, after `whitening`; `epoch_evidence` keeps these, and
  `earlier_response` is what other sessions say, as far as it fits;
* `undoing`: letters that an error potential takes back;
* `nobody`: the prior probability that nobody looks;
* `fit_check`: whether the decoder still fits, by a `change_detector` for each figure;
* `alignment`: whether responses come when they should; `flash_pace` by all flashes together;
* `label_check`: whether the labels of flashes are those of the layout; `layout_fit` finds theirs;
* `flash_sequences`: whether markers of flashes are missing, and what codes are counted from;
* `response_likelihood`: what a letter's scores say of the response, for both;
* `language`: the words of a language; `text_prior`: the probability of the next symbol;
* `spelled_text`: the text that the chosen symbols make;
* `expected_words`: which words may come next; `word_pairs` and `text_so_far` say how likely.

The subject's screen:

* `presentation`: a session, frame by frame; `session_info` is what its start marker says;
* `undoing_presentation`: the same with letters that are taken back; `answer_presentation`: answers,
  some of them wrong, to learn error potentials from;
* `matrix`: the symbols; `suggestions` adds likely words;
* `flash_order`: which symbols flash together, and when; `flash_timing` counts in whole frames;
* `spelling`: the text; `spelling_trial` is one letter of it;
* `untried_letters`: a rest after letters that nobody looked at, or that had no usable signal;
* `simulated_speller`: the choices of a simulated subject.
"""
