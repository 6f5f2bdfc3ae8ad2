"""The chain of a session that decides nothing: signal, losses and epochs are minded still."""

from bci_online.config import Config, DecoderHeader, preprocessing_for
from bci_online.markers import Event, Flash, Layout
from bci_online.messages import (
    Epoch,
    Message,
    Rejected,
    Retracted,
    Score,
    StreamSpec,
    TrialEvidence,
)
from bci_online.runtime.chain import Chain, Paradigm

__all__ = ["watching_chain"]


class _Watching:
    """A paradigm that makes no decisions."""

    def __init__(self, config: Config) -> None:
        self._codes = set(config.layout.symbols_of_code)
        self.unknown_codes = 0

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Count the flashes that no layout knows."""
        if isinstance(event, Layout):
            self._codes = set(event.symbols)
        elif isinstance(event, Flash):
            self.unknown_codes += event.code not in self._codes
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Nothing rests on the epoch."""
        return retracted

    def trial_evidence(self) -> TrialEvidence | None:
        """Return None: there is no evidence."""
        return None

    def finish(self) -> list[Message]:
        """Nothing is left to say."""
        return []


def watching_chain(config: Config, spec: StreamSpec) -> tuple[DecoderHeader, Chain, Paradigm]:
    """Build the chain that a calibration session is watched with.

    It cuts the epochs that training will cut, so that losses and artefacts are told while there is
    still time to mend them.

    Parameters
    ----------
    config : Config
        What an epoch is.
    spec : StreamSpec
        The stream that will come.

    Returns
    -------
    header : DecoderHeader
        What a decoder trained with this configuration would say of its signal.
    chain : Chain
    paradigm : Paradigm
        It decides nothing.

    Raises
    ------
    RecordingError
        If the configuration names channels that the stream lacks.
    """
    is_imagery = config.paradigm == "motor_imagery"
    header = DecoderHeader(
        method="none",
        paradigm=config.paradigm,
        classes=config.presentation.classes if is_imagery else ("nontarget", "target"),
        preprocessing=preprocessing_for(config, spec),
        layout=config.layout,
        stopping=config.stopping,
    )
    paradigm = _Watching(config)
    chain = Chain(header.preprocessing, spec, paradigm, translate=config.markers.translate)
    return header, chain, paradigm
