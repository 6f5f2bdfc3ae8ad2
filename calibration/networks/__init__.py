"""Networks with several losses, and weightings of these losses. No paradigm is known here.

* `losses` are the losses of one batch, `objectives` says which ones each network is trained for,
  `own_losses` those of a network that a user brings, `own_checks` whether it can be used;
* `weighting_rules` are the formulas by which the losses' weights move, `loss_weighting` and
  `grad_approx` the strategies that use them, `weighting_choice` finds one by its name;
* `gradients` is one training step: one forward and one backward pass with every weighting, which
  are given what `shared_layer` finds;
* `batches` divides the epochs into steps, `trainee` is what learns, `one_pass` takes the steps of a
  pass, `descent` all of them, `course` knows the best pass, `history` is the record of all;
* `training_state` is where a training stands, for a file that a killed one goes on from;
* `network_classifier` is the scikit-learn estimator, `checked_inputs` checks what it is given,
  `validation_split` holds epochs out, `input_scale` divides them, `torch_runs` seeds PyTorch,
  `decoder_parts` is what a decoder file needs of it, `bank` has FBMSNet's filters;
* `one_training` is what the estimator does with checked epochs, `architecture` says of which size,
  `network_start` is a network that it goes on from, `start_epochs` are what that one's epochs were,
  `pretraining` makes one of other subjects, `callbacks` are what a user lets be called;
* `shown` is how many trials it has right that watched its training, `judged_training` trains a
  network again that is at chance, and says how the final one stands;
* `network_training` is a network and how it is trained, as commands take both, and
  `network_options` reads one from what was typed;
* `toy_losses` is a problem in the plane; `trajectories` draws it, and a training's history.
"""
