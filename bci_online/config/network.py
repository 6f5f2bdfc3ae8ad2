"""A network's architecture, by name and numbers."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.ranges import EntryPoint, Sfreq
from bci_online.config.section import Section

__all__ = ["NetworkSpec"]


class NetworkSpec(Section, frozen=True, kw_only=True):
    """Which network reads a decoder's arrays, and of what size.

    Parameters
    ----------
    name : {"min2net", "fbmsnet", "eegnet", "own"}
        The network; "own" is one that this project does not have.
    n_channels, n_times, n_classes : int
        Size of an epoch, and number of scores.
    sfreq : float
        Of an epoch, in Hz.
    n_bands : int
        9 for FBMSNet, else 0.
    bank : {"none", "epoch", "signal"}
        What is filtered into bands: nothing, each epoch after it is cut, or the continuous signal.
    shared_layer : bool
        Whether all losses pass through one linear layer.
    subsampling : int
        MIN2Net pools an epoch to about so many samples before its second convolution; 0: a
        hundred, of epochs below a hundred samples ten.
    variant : {"own", "alphagrad"}
        Which EEGNet: its own paper's, or that of AlphaGrad's tables, with longer kernels.
    scaling : {"channel", "microvolts", "global"}
        What an epoch was divided by in training: the spread of each channel, nothing, or one
        number for all channels. The decoder's arrays hold the numbers.
    entry_point : str
        Where the code of a network of one's own lies, as MODULE:NAME. It is imported only where
        its user allows it (`bci_online.decoding.network.allowed_code`).
    source : str
        Hash of the text of the module that defines it, as it was trained; empty: not known.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : Builds the network.

    Examples
    --------
    >>> NetworkSpec(name="eegnet", n_channels=8, n_times=128, n_classes=2, n_bands=9, bank="epoch")
    Traceback (most recent call last):
    ValueError: network 'eegnet' takes 0 bands, got n_bands=9 with bank='epoch'
    """

    name: Literal["min2net", "fbmsnet", "eegnet", "own"]
    n_channels: Annotated[int, msgspec.Meta(ge=1, le=1024)]
    n_times: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    n_classes: Annotated[int, msgspec.Meta(ge=2, le=100)]
    sfreq: Sfreq = 100.0
    n_bands: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    bank: Literal["none", "epoch", "signal"] = "none"
    shared_layer: bool = True
    subsampling: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    variant: Literal["own", "alphagrad"] = "own"
    scaling: Literal["channel", "microvolts", "global"] = "channel"
    entry_point: EntryPoint = ""
    source: Annotated[str, msgspec.Meta(pattern=r"\A([0-9a-f]{32})?\Z", max_length=32)] = ""

    def check(self) -> None:
        """Refuse bands for a network that takes none, and code for one that is known."""
        if self.entry_point and self.name != "own":
            raise ValueError(f"network {self.name!r} takes no entry_point, got {self.entry_point}")
        n_bands = 9 if self.name == "fbmsnet" else 0
        if self.n_bands != n_bands or (self.bank == "none") != (n_bands == 0):
            raise ValueError(
                f"network {self.name!r} takes {n_bands} bands, "
                f"got n_bands={self.n_bands} with bank={self.bank!r}"
            )
