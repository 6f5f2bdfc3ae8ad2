"""Discriminants that are fitted in one step and choose no sensors.

`linear` is what those of epochs share: one weight for each channel and latency. `scaled_epochs`
has the epochs that they are fitted on, and what several of them need of these: `class_means` and
`lower_products`.
Their covariances are in `bci_online.covariances`. `shrinkage_lda` is what everybody
knows, `block_toeplitz` learns fewer numbers, `xdawn` works on the few spatial filters of
`xdawn_filters`, and `summed` adds two of them up; `estimators` are the same for scikit-learn.
`sensor_elimination` keeps the sensors that see most of what Xdawn brings out. `csp_lda` and
`riemannian` are for windows of imagery; `many_features` is the LDA of the latter.
"""
