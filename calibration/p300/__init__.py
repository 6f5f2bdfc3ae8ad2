"""From recordings of a P300 speller to a decoder file.

In the order that the data take:

* `epochs` are what the online chain cuts from recordings, with labels, kept by
  `flash_collector`, or by `answer_collector` those of error potentials; `labelled_epochs` runs the
  recordings, `cut_beside` has other epochs of the same flashes; `recorded_epochs` gives them on any
  set of sensors; `training_epochs` says which of them train;
* `pooling` brings other subjects' recordings beside them, `library` those that were kept;
* `flash_estimator` is what a linear method fits, `estimators` are all by name; `sensor_choice`,
  `sensor_ways` and `sensor_prices` choose sensors;
* `searched` has the scores of inner folds, `discriminant_scores` those of discriminants; `fitting`
  makes a linear decoder, `networks` one with a network; `fitted` and `fitted_network` are what they
  find;
  `method_choice` tries several, and takes one by their `method_comparison`; `methods` has the
  interface of all, and finds the requested one;
* `scored_letters` are held-out scores, letter by letter; `flash_model` is how they vary;
* `letter_stopping` decides letters, recorded ones and ones drawn from that model;
* `evidence` says what scores are worth, `answer_evidence` those of error potentials; `promise` and
  `expectations` say what to expect live;
* `supervision` is a decoder from letters that were spelled without one;
* `evaluation` redoes everything in each outer fold, with letters as `spelled_letters` spells them;
  `training` is all of that, from files to a decoder file with a `trained_header`; `label_checks`
  says which labels and codes contradict each other, `response_time` when responses come, both by a
  `held_out_area`; `response_change` says whether they change, `time_checks` both;
  `label_leak` says which channel holds the labels themselves; `summary` and `sensor_figure` show
  the result.
"""
