"""Every number that a person may set, and the description of a decoder file.

`sections`, `speller`, `screen`, `windows` and `imagery` are the tables of a configuration file.
`reading` reads one, `eeg_origin` reads its ``eeg.source``. `decoder` is what a decoder file says of
itself, `decoder_metrics` the figures in it, `kept` what it takes from a configuration.
"""

from bci_online.config.decoder import (
    DecoderHeader,
    Evidence,
    Expected,
    HeldOut,
    LearningCurve,
    Preprocessing,
)
from bci_online.config.decoder_metrics import DecoderMetrics
from bci_online.config.eeg_origin import LSL, FieldTripBuffer, MockFile, eeg_origin
from bci_online.config.imagery import REST, Direction, ImagerySpec
from bci_online.config.kept import given_back, kept
from bci_online.config.network import NetworkSpec
from bci_online.config.preprocessing import preprocessing_for
from bci_online.config.reading import read_config, read_tables
from bci_online.config.screen import ScreenSpec
from bci_online.config.sections import (
    Artefacts,
    Config,
    EegStream,
    EpochSpec,
    FilterSpec,
    Live,
    MarkerStream,
    Simulation,
)
from bci_online.config.speller import LanguageSpec, LayoutSpec, Presentation, Stopping
from bci_online.config.windows import EvidenceSpec, WindowSpec

__all__ = [
    "LSL",
    "REST",
    "Artefacts",
    "Config",
    "DecoderHeader",
    "DecoderMetrics",
    "Direction",
    "EegStream",
    "EpochSpec",
    "Evidence",
    "EvidenceSpec",
    "Expected",
    "FieldTripBuffer",
    "FilterSpec",
    "HeldOut",
    "ImagerySpec",
    "LanguageSpec",
    "LayoutSpec",
    "LearningCurve",
    "Live",
    "MarkerStream",
    "MockFile",
    "NetworkSpec",
    "Preprocessing",
    "Presentation",
    "ScreenSpec",
    "Simulation",
    "Stopping",
    "WindowSpec",
    "eeg_origin",
    "given_back",
    "kept",
    "preprocessing_for",
    "read_config",
    "read_tables",
]
