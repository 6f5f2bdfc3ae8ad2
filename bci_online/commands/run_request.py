"""What `run` and `replay` ask of the chain, and the decoder and configuration that follow."""

from pathlib import Path

import msgspec

from bci_online.config import Config, MarkerStream, check_paradigm, read_as_trained, read_config
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.decoder_file import read_decoder

__all__ = ["RunRequest"]


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How a run decides, and who reads what it says.

    Parameters
    ----------
    decoder_path : Path
        A decoder file.
    config_path : Path or None
        Which streams and markers to read; None: the defaults.
    dynamic : bool
        False: decide after all repetitions, or with a trial's last window.
    max_repetitions : int, optional
        Instead of the decoder's own.
    trials : frozenset of int
        Only these letters count; empty means all.
    as_json : bool
        Lines of JSON for a program.
    """

    decoder_path: Path
    config_path: Path | None
    dynamic: bool = True
    max_repetitions: int | None = None
    trials: frozenset[int] = frozenset()
    as_json: bool = False

    def load(self) -> tuple[Decoder, Config]:
        """Read the decoder, then the configuration; markers are read as its training read them.

        A configuration that says how markers are read decides it.

        Raises
        ------
        BciError
            If one of them cannot be read, or they are for different paradigms.
        """
        decoder = read_decoder(self.decoder_path)
        config = read_config(self.config_path)
        check_paradigm(decoder.header, config if self.config_path else None)
        return decoder, read_as_trained(config, decoder.header)

    def markers(self, config: Config) -> MarkerStream | None:
        """Return how markers are read; None without a configuration: as the decoder says."""
        return None if self.config_path is None else config.markers
