"""What `bci-calibrate` does, one module for each command.

`train`, `report`, `record` and `toy_losses` are the commands as they are typed; `trained` carries a
training out and shows it. `calibration.experiments` has the commands of `evaluate`.
"""
