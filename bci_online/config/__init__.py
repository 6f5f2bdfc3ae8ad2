"""Every number a person may set, and the structs that two rooms share.

`sections` are the tables of a configuration file, `reading` reads one, `decoder` is what a decoder
file says of itself.
"""

from bci_online.config.decoder import DecoderHeader, Evidence, Preprocessing
from bci_online.config.reading import read_config
from bci_online.config.sections import (
    Artefacts,
    Config,
    EegStream,
    EpochSpec,
    FilterSpec,
    LayoutSpec,
    Live,
    MarkerStream,
    Presentation,
    Simulation,
    Stopping,
)

__all__ = [
    "Artefacts",
    "Config",
    "DecoderHeader",
    "EegStream",
    "EpochSpec",
    "Evidence",
    "FilterSpec",
    "LayoutSpec",
    "Live",
    "MarkerStream",
    "Preprocessing",
    "Presentation",
    "Simulation",
    "Stopping",
    "read_config",
]
