"""How methods are compared: splits, protocols, tables with intervals. The command is `evaluate`.

Cells: what is computed once and kept.

* `cell_store` keeps the cells of a table on disk, by their parameters and the code that computes
  them; `workers` computes them: in processes of this machine or on a Dask cluster;
  `inside_cells` is what their work can know and say while it runs;
* `run_options` is what a user says of a run; `table_run` computes a table's cells, then shows the
  table; `table_files` writes both.

Methods for flashes.

* `compared_methods` names the rows, also those of networks;
* `simulated`, `simulated_subjects`, `flash_protocols` and `new_subjects` are the experiments: pure
  functions from a cell to its result; `learning_curve` has the blocks of flashes they share;
* `presets`, `recorded_subjects` and `moabb_sets` bring their data; `raw_source` is what the chain
  reads of a public set;
* `auc_rows` makes the rows of the table, `flash_tables` the tables;
* `compared_recordings` trains every method on recordings and tests it on others, for `compare`.

Networks, whose loss weightings compete.

* `public_sets` says which part of a public set is used, `network_sets` reads its trials,
  `trial_cache` keeps them filtered;
* `network_protocols` is the experiment, `network_splits` says which trials train and which test,
  `compared_trainings` how; `kept_networks` writes networks of other subjects as decoder files;
* `asked_networks` reads what is compared; `accuracy_rows` makes the rows of the table,
  `network_tables` the tables.

`subject_figures` draws which sensors were chosen, how many, and what each subject gains.
`statistics` and `figures` serve both; `evaluate` has the typed commands, `evaluate_options` their
options.
"""
