"""What `bci-calibrate` does, one module for each command.

`train`, `report`, `compare`, `record`, `library` and `toy_losses` are the commands as they are
typed; `promises` is started by a recording that ends by itself, `supervise` by spelling without
calibration; `trained` carries a training out and shows it. `calibration.experiments` has the
commands of `evaluate`.
"""
