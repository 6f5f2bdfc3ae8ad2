"""All faults, in the order of the page."""

from benchmarks.faults.disks import DISKS
from benchmarks.faults.electrodes import ELECTRODES
from benchmarks.faults.frozen import FROZEN
from benchmarks.faults.fuzzed import FUZZED
from benchmarks.faults.interrupts import INTERRUPTS
from benchmarks.faults.kills import KILLS
from benchmarks.faults.long_runs import LONG_RUNS
from benchmarks.faults.sources import SOURCES
from benchmarks.faults.stamp_faults import STAMPS
from benchmarks.faults.strangers import STRANGERS

GROUPS = (
    STAMPS, ELECTRODES, SOURCES, FROZEN, DISKS, KILLS, INTERRUPTS, FUZZED, STRANGERS, LONG_RUNS,
)  # fmt: skip
"""A new group stands in a module of its own and has a line here."""
