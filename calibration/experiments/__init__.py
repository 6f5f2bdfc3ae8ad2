"""How methods are compared: splits, protocols, honest figures.

* `splits` and `outer_loop` are what `bci-calibrate train` prints, `learning_curve` what pooling is
  worth on recordings, `new_subjects` the same for every subject of a lab in turn;
* `cells` keeps a table's cells on disk, `workers` computes them: processes or a Dask cluster;
* `methods` names the rows; `simulated`, `simulated_subjects` and `protocols` are the experiments,
  pure functions from a cell to its result; `presets`, `recorded_subjects` and `moabb_sets` bring
  their data;
* `network_sets` and `network_protocols` are the same for networks whose loss weightings compete,
  `accuracies` their rows;
* `statistics`, `tables` and `figures` say what came of it; `command_line`, `commands` and
  `network_commands` are `bci-calibrate evaluate`, `running` what they share.
"""
