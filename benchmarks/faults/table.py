"""All faults, in the order of the page."""

from benchmarks.faults.frozen import FROZEN
from benchmarks.faults.fuzzed import FUZZED
from benchmarks.faults.kills import KILLS
from benchmarks.faults.long_runs import LONG_RUNS
from benchmarks.faults.stamp_faults import STAMPS

GROUPS = (STAMPS, FROZEN, KILLS, FUZZED, LONG_RUNS)
"""A new group stands in a module of its own and has a line here."""
