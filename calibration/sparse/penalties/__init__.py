"""The terms beside the loss.

* `proximal` holds the compiled kernels of the norms;
* `mixed_norms` are the penalties Ω(w): value, proximal operator, dual norm;
* `quadratics` are R(w): a pull to a centre, a similarity between subjects.
"""
