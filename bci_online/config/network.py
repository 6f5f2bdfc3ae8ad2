"""A network's architecture, by name and numbers."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import Sfreq
from bci_online.config.section import Section

__all__ = ["NetworkSpec"]


class NetworkSpec(Section, frozen=True, kw_only=True):
    """Which network reads a decoder's arrays, and of what size.

    Epochs have ``n_times`` samples at ``sfreq`` Hz. ``bank`` says what is filtered into
    ``n_bands`` bands: nothing, each epoch after it is cut, or the continuous signal before.
    """

    name: Literal["min2net", "fbmsnet", "eegnet"]
    n_channels: Annotated[int, msgspec.Meta(ge=1, le=1024)]
    n_times: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    n_classes: Annotated[int, msgspec.Meta(ge=2, le=100)]
    sfreq: Sfreq = 100.0
    n_bands: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    bank: Literal["none", "epoch", "signal"] = "none"
    shared_layer: bool = True

    def check(self) -> None:
        """Refuse bands for a network that takes none, or a filter-bank network without them."""
        n_bands = 9 if self.name == "fbmsnet" else 0
        if self.n_bands != n_bands or (self.bank == "none") != (n_bands == 0):
            raise ValueError(
                f"network {self.name!r} takes {n_bands} bands, "
                f"got n_bands={self.n_bands} with bank={self.bank!r}"
            )
