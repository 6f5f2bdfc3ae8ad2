"""The solvers, from the inner steps to the door.

* `fista` takes first-order steps, for every penalty; `screening` on fewer groups, where it can;
* `gram`, `support_newton`, `block_descent` and `prox_newton` take second-order steps, for penalties
  that are a sum over separate groups;
* `path` chooses between both: one λ, or a warm-started path.
"""
