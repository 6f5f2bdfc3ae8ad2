"""Sparse sensor selection: mixed-norm support vector machines, solved to a certificate.

The folders follow the equation; each imports only those above it::

    compiled        machine code at the first call
    datafit/        recordings → one centred, scaled matrix; 1/(2n) Σ s_i (1 − y_i f_i)₊²
    penalties/      λ Ω(w) and R(w): value, proximal operator, dual norm
    problem         their sum, λ_max and the duality gap of any w
    solvers/        one λ or a warm-started path, to a duality gap
    decoders/       one training set, or several together → linear decoders
    estimators/     scikit-learn: GroupSVM, MultiTaskGroupSVM, and both with cross-validation
    sensor_ranking  the order in which sensors enter the path, and how stable it is
    sensor_path     held-out AUC against the number of sensors

References
----------
Flamary, Jrad, Phlypo, Congedo, Rakotomamonjy (2014), Mixed-Norm Regularization for Brain Decoding,
Comput. Math. Methods Med. 317056, doi 10.1155/2014/317056.
"""
