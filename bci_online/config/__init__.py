"""Every number that a user can set, and the header of a decoder file.

Tables of a configuration file:

* `sections`: the file with all its tables; `section` is the base of each table, `ranges` what
  its values may be;
* `streams`, `epochs`, `presentation` and `stopping`: the tables of all paradigms;
* `adaptation`, `layout` and `language`, `windows` and `imagery`: the tables of one paradigm;
* `screen`: what the subject's screen looks like;
* `network`: a network's architecture;
* `reading` reads a file; `eeg_origin` reads ``eeg.source``.

What a person sees of it:

* `keys`: every key with its unit, range, default and help, from the structs; `key_texts`: a value
  as it is typed; `commented`: a file with all of them;
* `document`: a file that is edited, and `toml_edits`, which puts a value into it.

A decoder file:

* `decoder`: its header; `evidence` what scores are worth, `decoder_metrics` the figures in it,
  `training_results` the rest of what a training found;
* `kept`: what it takes from a configuration; `error_potentials` is that of such a decoder;
* `preprocessing`: the preprocessing that follows from a configuration and a stream; `demand` the
  memory and work that it asks for.
"""

from bci_online.config.adaptation import Adaptation
from bci_online.config.decoder import CovarianceName, DecoderHeader, Preprocessing
from bci_online.config.decoder_metrics import DecoderMetrics
from bci_online.config.eeg_origin import LSL, FieldTripBuffer, MockFile, eeg_origin
from bci_online.config.epochs import Artefacts, EpochSpec, FilterSpec
from bci_online.config.error_potentials import for_error_potentials
from bci_online.config.evidence import Evidence, TrialValues
from bci_online.config.imagery import REST, Direction, ImagerySpec, is_unanswerable
from bci_online.config.kept import check_paradigm, given_back, kept, read_as_trained
from bci_online.config.language import LanguageSpec
from bci_online.config.layout import LayoutSpec
from bci_online.config.network import NetworkSpec
from bci_online.config.preprocessing import preprocessing_for
from bci_online.config.presentation import Presentation
from bci_online.config.reading import config_of, read_config, read_tables
from bci_online.config.screen import ScreenSpec
from bci_online.config.sections import Config, Simulation
from bci_online.config.stopping import Stopping
from bci_online.config.streams import EegStream, Live, MarkerStream, Security
from bci_online.config.training_results import Expected, HeldOut, LearningCurve, Promise, Tried
from bci_online.config.windows import EvidenceSpec, WindowSpec

__all__ = [
    "LSL",
    "REST",
    "Adaptation",
    "Artefacts",
    "Config",
    "CovarianceName",
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
    "Promise",
    "ScreenSpec",
    "Security",
    "Simulation",
    "Stopping",
    "TrialValues",
    "Tried",
    "WindowSpec",
    "check_paradigm",
    "config_of",
    "eeg_origin",
    "for_error_potentials",
    "given_back",
    "is_unanswerable",
    "kept",
    "preprocessing_for",
    "read_as_trained",
    "read_config",
    "read_tables",
]
