"""The preprocessing of the paper's data sets, as near as a causal online chain can be.

References
----------
Flamary et al. (2014), Comput. Math. Methods Med. 317056; Hoffmann et al. (2008), J. Neurosci.
Methods 167:115 (EPFL).
"""

from collections.abc import Mapping

import msgspec

from bci_online.config import Config, EpochSpec, FilterSpec

__all__ = ["PRESETS", "Preset", "with_preset"]


class Preset(msgspec.Struct, frozen=True):
    """Preprocessing as published, as far as it is causal.

    Parameters
    ----------
    filter : FilterSpec
        The filter.
    epoch : EpochSpec
        The latencies.
    deviation : str
        How they differ from the published ones.
    missing : str
        Published steps that are not done.

    See Also
    --------
    with_preset : Puts it into a configuration.
    """

    filter: FilterSpec
    epoch: EpochSpec
    deviation: str
    missing: str


PRESETS: Mapping[str, Preset] = {
    "epfl": Preset(
        FilterSpec(l_freq=1.0, h_freq=4.0, order=3),
        # The causal filter delays its band by 0.19 s: from 0 to 0.875 s a third of a response at
        # 0.6 s would fall outside. Two samples later it is a tenth.
        EpochSpec(tmin=0.25, tmax=1.125, step=0.125),
        "Butterworth order 3, 8 samples per 1000 ms as published; run causally, so the window "
        "begins 0.25 s later; the band ends at 4 Hz, half the rate of the samples, so that nothing "
        "is aliased",
        "the mean of the mastoids as reference (use reference in the configuration), the filter "
        "forward and backward, the limit on outliers",
    ),
    "uam": Preset(
        FilterSpec(l_freq=0.5, h_freq=15.0, order=5, ripple_db=0.5),
        EpochSpec(tmin=0.0, tmax=0.9375, step=0.03125),
        "Chebyshev order 5, 31 samples in 0.94 s as published; run causally, and the band of "
        "0.5-15 Hz and the ripple of 0.5 dB are ours",
        "decimation of the whole signal before it is cut: the same samples are taken from it",
    ),
    "errp": Preset(
        FilterSpec(l_freq=1.0, h_freq=10.0, order=4),
        EpochSpec(tmin=0.0, tmax=1.0, step=0.05),
        "Butterworth order 4, 1000 ms as published; run causally, and the band 1-10 Hz and the "
        "21 samples are ours",
        "nothing that is known here; the published band and number of samples are not",
    ),
}


def with_preset(config: Config, name: str) -> tuple[Config, str]:
    """Return a configuration with a preset's filter and latencies, and what deviates in it.

    Parameters
    ----------
    config : Config
        Its filter and latencies are replaced.
    name : str
        One of `PRESETS`.

    Returns
    -------
    config : Config
        With the preset's filter and latencies.
    note : str
        How they differ from the published ones, and what is missing.

    See Also
    --------
    bci_online.config.reading.read_config : Reads a configuration.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> name = next(iter(PRESETS))
    >>> with_preset(Config(), name)[0].filter == PRESETS[name].filter
    True
    """
    preset = PRESETS[name]
    changed = msgspec.structs.replace(config, filter=preset.filter, epoch=preset.epoch)
    return changed, f"preprocessing {name}: {preset.deviation}; not done: {preset.missing}"
