"""The solvers, from the inner steps to the door.

* `costs` says what a step costs, and when second-order steps should follow first-order ones;
* `fista` takes first-order steps, for every penalty; `screening` on fewer groups, where it can;
* `gram`, `kept_factor`, `dense_hessian`, `joint_hessian` (several subjects), `support_newton`,
  `block_descent` and `prox_newton` take second-order steps, for penalties that are a sum over
  separate groups;
* `path` chooses between both: one λ, or a warm-started path.
"""
