"""From scaled training sets to linear decoders.

* `refit` finds weights on chosen sensors without the penalty's shrinkage;
* `training_set` solves one training set along a path;
* `several_subjects` solves the training sets of several subjects together.
"""
