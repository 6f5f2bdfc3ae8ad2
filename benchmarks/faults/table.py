"""All faults, in the order of the page."""

from benchmarks.faults.stamp_faults import STAMPS

GROUPS = (STAMPS,)
"""A new group stands in a module of its own and has a line here."""
