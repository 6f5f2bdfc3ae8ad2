"""Sparse sensor selection: mixed-norm support vector machines, solved to a certificate.

The equation is the tree; each file knows only those above it::

    compiled          machine code at first call, one BLAS thread
    squared_hinge     1/(2n) Σ s_i (1 − y_i f_i)₊²: best bias, gradient, Lipschitz constant
    proximal          compiled kernels of the norms
    penalties         λ Ω(w): value, proximal operator, dual norm
    quadratics        R(w): a pull to a centre, a similarity between subjects
    problem           their sum, λ_max and the duality gap of any w
    fista, screening  first-order solver, for every penalty; on the groups that count
    gram, support_newton, block_descent, prox_newton
                      second-order solver, for separate groups
    solver            the door: one λ or a warm-started path

    features          recordings → one centred, scaled matrix, and back
    refit             weights without the penalty's bias on the chosen sensors
    training          one training set → decoders
    inputs            what users pass, checked once
    cross_validation  λ and q over folds
    group_svm         GroupSVM, GroupSVMCV: one subject
    subjects, joint   several training sets solved together
    multi_task        MultiTaskGroupSVM (multi_task_cv: its λ_r and λ_s): several subjects

References
----------
Flamary, Jrad, Phlypo, Congedo, Rakotomamonjy (2014), Mixed-Norm Regularization for Brain Decoding,
Comput. Math. Methods Med. 317056, doi 10.1155/2014/317056.
"""
