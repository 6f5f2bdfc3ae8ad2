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
    decoder_path : Path or None
        A decoder file; None: decide without calibration.
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
    after : tuple of Path
        Recordings of earlier runs of the same session.
    errp_path : Path, optional
        A decoder of error potentials.
    """

    decoder_path: Path | None
    config_path: Path | None
    dynamic: bool = True
    max_repetitions: int | None = None
    trials: frozenset[int] = frozenset()
    as_json: bool = False
    after: tuple[Path, ...] = ()
    errp_path: Path | None = None

    def load(self) -> tuple[Decoder | None, Config]:
        """Read the decoder, where there is one, then the configuration.

        Markers are read as the decoder's training read them, unless the configuration says how.

        Raises
        ------
        BciError
            If one of them cannot be read, or they are for different paradigms.
        """
        decoder = None if self.decoder_path is None else read_decoder(self.decoder_path)
        config = read_config(self.config_path)
        if self.after:
            # It imports the chain.
            from bci_online.runtime.earlier_runs import check_goes_on

            check_goes_on(None if decoder is None else decoder.header)
        if decoder is None:
            return None, config
        check_paradigm(decoder.header, config if self.config_path else None)
        return decoder, read_as_trained(config, decoder.header)

    def load_errp(self) -> Decoder | None:
        """Read the decoder of error potentials, where there is one."""
        return None if self.errp_path is None else read_decoder(self.errp_path)

    def markers(self, config: Config) -> MarkerStream | None:
        """Return how markers are read; None without a configuration: as the decoder says."""
        return None if self.config_path is None else config.markers
