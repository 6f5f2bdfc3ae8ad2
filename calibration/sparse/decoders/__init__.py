"""From scaled training sets to linear decoders.

* `refit` finds weights on chosen sensors without the penalty's shrinkage;
* `training_set` solves one training set along a path; `first_sensors` says in which order sensors
  enter it;
* `several_subjects` solves the training sets of several subjects together.
"""
