"""From recordings of motor imagery to a decoder file.

In the order that the data take:

* `windows` are what the online chain cuts from recordings, with labels, kept as a `window_set`;
  `trial_folds` says which of them train and which test, `trial_length` how long trials last;
* `fitting` makes a decoder with any classifier of windows; `networks` makes a network such a
  classifier, in the form of `window_classifier`, and `pooling` lets it learn others first;
  `methods` has the interface of every method, and finds the requested one, `method_choice` the
  best one where none is requested;
* `fold_values` are values of held-out windows, `evidence` says what they are worth, and when to
  stop;
* `evaluation` redoes everything in each outer fold, and `offline_decisions` decides as online;
  `training` is all of that, from files to a decoder file; `summary` shows it.
"""
