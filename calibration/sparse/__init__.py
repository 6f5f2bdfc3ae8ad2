"""Sparse sensor selection: mixed-norm support vector machines, solved to a certificate.

The equation is the tree::

    squared_hinge   1/(2n) Σ s_i (1 − y_i f_i)₊², its best bias, gradient and Lipschitz constant
    penalties       λ Ω(w): value, prox, dual norm        (proximal: their compiled kernels)
    quadratics      what ties subjects together: a ridge around a centre, a similarity
    problem         their sum, λ_max and the duality gap of any w
    fista           the solver for every penalty
    solver          one λ or a whole path
    features        recordings → one centred, scaled matrix and back
    refit           weights without the penalty's bias on the chosen sensors
    group_svm       GroupSVM, GroupSVMCV: scikit-learn estimators of one subject

References
----------
Flamary, Jrad, Phlypo, Congedo, Rakotomamonjy (2014), Mixed-Norm Regularization for Brain Decoding,
Comput. Math. Methods Med. 317056, doi 10.1155/2014/317056.
"""
