"""`bci-online config`: every key of a configuration, with its default and what it means."""

import sys

__all__ = ["config"]


def config() -> None:
    """Print a configuration with every key: its default, unit, range, and what it means."""
    from bci_online.config.commented import commented_toml

    sys.stdout.write(commented_toml())
