"""The chain of a session without a decoder: it watches signal, losses and epochs."""

from bci_online.config import Config, DecoderHeader, kept, preprocessing_for
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
from bci_online.paradigms.paradigm import Paradigm
from bci_online.runtime.chain import Chain

__all__ = ["chain_without_decoder"]


class _NoDecisions:
    """A paradigm that decides nothing."""

    def __init__(self, config: Config) -> None:
        self._codes = set(config.layout.symbols_of_code)
        self.unknown_codes = 0

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Count the flashes whose code no layout has."""
        if isinstance(event, Layout):
            self._codes = set(event.symbols)
        elif isinstance(event, Flash):
            self.unknown_codes += event.code not in self._codes
        return []

    def retract(self, retracted: Retracted) -> Retracted:
        """Return it unchanged: no decision uses the epoch."""
        return retracted

    def trial_evidence(self) -> TrialEvidence | None:
        """Return None: there is no evidence."""
        return None

    def finish(self) -> list[Message]:
        """Return no message."""
        return []


def chain_without_decoder(
    config: Config, spec: StreamSpec
) -> tuple[DecoderHeader, Chain, Paradigm]:
    """Build the chain that watches a calibration session.

    It cuts the epochs that training will cut. So losses and artefacts are reported while the
    session can still be repaired.

    Parameters
    ----------
    config : Config
        Filter, epochs, channels.
    spec : StreamSpec
        The stream that will come.

    Returns
    -------
    header : DecoderHeader
        The header that a decoder trained with this configuration would have.
    chain : Chain
        Without a decoder.
    paradigm : Paradigm
        Decides nothing.

    Raises
    ------
    RecordingError
        If the configuration names channels that the stream lacks.

    See Also
    --------
    bci_online.runtime.assembly.online_chain : The chain with a decoder.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=250.0, ch_names=("Cz", "X"), ch_types=("EEG", "AUX"))
    >>> header, chain, paradigm = chain_without_decoder(Config(), spec)
    >>> header.preprocessing.ch_names, paradigm.finish()
    (('Cz',), [])
    """
    is_imagery = config.paradigm == "motor_imagery"
    header = DecoderHeader(
        method="none",
        classes=config.presentation.classes if is_imagery else ("nontarget", "target"),
        preprocessing=preprocessing_for(config, spec),
        **kept(config, DecoderHeader),
    )
    paradigm = _NoDecisions(config)
    chain = Chain(header.preprocessing, spec, paradigm, translate=config.markers.translate)
    return header, chain, paradigm
