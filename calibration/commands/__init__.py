"""What `bci-calibrate` does, one module for each command.

`train`, `report`, `compare`, `record`, `library` and `toy_losses` are the commands as they are
typed; `promises` is started by a recording that ends by itself, `supervise` by spelling without
calibration; `trained` carries a training out and shows it,
`named_networks` finds a network that it was given by name. `calibration.experiments` has the
commands of `evaluate`.
"""
