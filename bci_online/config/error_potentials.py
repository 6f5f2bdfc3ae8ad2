"""The configuration of error potentials: that of the speller, with epochs after its answers."""

import msgspec

from bci_online.config.sections import Config
from bci_online.errors import ConfigError

__all__ = ["for_error_potentials"]


def for_error_potentials(config: Config) -> Config:
    """Return a configuration whose epochs follow the answers of the speller.

    Parameters
    ----------
    config : Config
        Of a speller.

    Returns
    -------
    config : Config
        The same but for that.

    Raises
    ------
    ConfigError
        If it is for motor imagery.

    See Also
    --------
    bci_online.preprocessing.epoching.Epoching : Cuts such epochs.

    Examples
    --------
    >>> for_error_potentials(Config()).epoch.after
    'feedback'
    """
    if config.paradigm != "p300":
        raise ConfigError(
            f"error potentials follow the answers of a speller; the configuration is for "
            f"{config.paradigm!r}: give that of the speller"
        )
    epoch = msgspec.structs.replace(config.epoch, after="feedback")
    return msgspec.structs.replace(config, epoch=epoch)
