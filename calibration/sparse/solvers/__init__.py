"""The solvers, from the inner steps to the door.

* `costs` says what a step costs, and when second-order steps should follow first-order ones;
* `fista` takes first-order steps, for every penalty; `screening` on fewer groups, where it can;
* `margin_gram`, `gram`, `kept_factor`, `dense_hessian`, `margin_hessian` (one subject),
  `joint_hessian` (several), `support_newton`, `block_descent` and `prox_newton` take second-order
  steps, for penalties that are a sum over separate groups;
* `points` measures where a solver stands, and the certificates of several λ at once;
* `path` chooses between both: one λ, or a warm-started path.
"""
