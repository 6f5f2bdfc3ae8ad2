"""How methods are compared: splits, protocols, honest figures.

* `splits` and `outer_loop` are what `bci-calibrate train` prints, `learning_curve` what pooling is
  worth on recordings;
* `cells` keeps a table's cells on disk, `workers` computes them: processes or a Dask cluster;
* `methods` names the rows; `simulated`, `simulated_subjects` and `protocols` are the experiments,
  pure functions from a cell to its result; `presets`, `recorded_subjects` and `moabb_sets` bring
  their data;
* `statistics`, `tables` and `figures` say what came of it; `command_line` and `commands` are
  `bci-calibrate evaluate`.
"""
