"""Faults thrown at the system on purpose, and what follows from them: docs/reliability.md.

    python -m benchmarks.faults

* `fault`: what a fault, a group of faults and one trial are; the file of results;
* `table`: all faults;
* `stage`: where they are tried: a folder, a subject, a decoder, an LSL network of this machine;
* `program`: programs of ours that are started, read, stopped and killed;
* `recorded`: what a recording holds after a fault;
* `stamps`, `stamp_faults`: clocks, compared with liblsl's own dejitter, which `dejitter` runs;
* `electrodes`: channels that fail, in a recording that is replayed;
* `sources`: amplifiers that die, return, change, double, freeze;
* `frozen`: parts of a session that hang, and a computer that is busy;
* `disks`: disks that fill up, folders that cannot be written;
* `kills`: any process of any session killed;
* `interrupts`: Ctrl-C;
* `fuzzed`, `fuzz_targets`, `mutations`: files and lines that somebody else wrote;
* `forged_lines`: lines that are not signed with a session's key;
* `long_runs`: a day of stream time; half an hour of real time;
* `peer`: the same faults in mne-lsl, run by an interpreter that has it;
* `page`: writes the page.

Each trial is a line of benchmarks/results/faults.jsonl as soon as it is done. A run that was
stopped goes on with the next one. A trial whose code has changed since is named as old; `--old`
tries it again.
"""
