"""The data term.

* `features` makes one centred, scaled matrix of recordings, and turns weights back;
* `squared_hinge` is the loss on it: best bias, gradient, Lipschitz constant.
"""
