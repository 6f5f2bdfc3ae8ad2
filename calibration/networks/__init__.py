"""Networks with several losses, and weights of the losses that find themselves.

* `losses` says what each network is trained for, `loss_weighting` how much of each;
* `gradients` is one training step, in one pass whatever the weighting;
* `descent` is all steps, `history` what they were; `training` is the scikit-learn estimator,
  `inputs` its door, `bank` FBMSNet's filters;
* `pictures` draws a history, `toy` is the two-dimensional problem.
"""
