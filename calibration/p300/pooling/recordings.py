"""Recordings of other subjects or sessions, opened and made comparable to a new subject's."""

from collections.abc import Callable, Sequence

import msgspec

from bci_online.config import Config, Preprocessing
from bci_online.errors import BciError
from bci_online.sensor_names import sensor_place
from calibration.common_sensors import common_sensors
from calibration.p300.pooling.lag_window import lag_config
from calibration.p300.pooling.sources import PoolSource, pool_source
from calibration.p300.recorded_epochs import RecordedEpochs, epochs_of
from calibration.p300.training_epochs import clean
from calibration.pools import Pool, cap_of, other_reference

__all__ = ["Pooled", "open_source", "pooled_with"]


class Pooled(msgspec.Struct, frozen=True, eq=False):
    """The epochs of a new subject and of its sources on common sensors, with notes on them.

    Parameters
    ----------
    recorded : RecordedEpochs
        The new subject's, on the sensors that all recordings have.
    sources : tuple of PoolSource
        The other subjects, on the same sensors.
    notes : tuple of str
        What the user should know, one line each.

    See Also
    --------
    pooled_with : Returns one.
    """

    recorded: RecordedEpochs
    sources: tuple[PoolSource, ...] = ()
    notes: tuple[str, ...] = ()


def pooled_with(
    recorded: RecordedEpochs,
    config: Config,
    pools: Sequence[Pool],
    opened: Callable[[str], None] = lambda _: None,
) -> Pooled:
    """Bring sources onto a new subject's sensors, filter and latencies.

    Parameters
    ----------
    recorded : RecordedEpochs
        The new subject's.
    config : Config
        The new subject's.
    pools : sequence of Pool
        At least one.
    opened : callable
        Called with the name of each recording.

    Returns
    -------
    pooled : Pooled
        On the sensors that all recordings have.

    Raises
    ------
    BciError
        If a source cannot be read, or the recordings share too few sensors.

    See Also
    --------
    calibration.pools.parse_pool : Make a pool from what the user wrote.
    calibration.common_sensors.common_sensors : The sensors.
    """
    own = recorded.all().preprocessing
    caps = [cap_of(pool) for pool in pools]
    named = {pool.name: cap.ch_names for pool, cap in zip(pools, caps, strict=True)}
    try:
        common, matched = common_sensors(own.ch_names, named)
        sources, notes = [], list(matched)
        for pool, cap in zip(pools, caps, strict=True):
            source, found = open_source(pool, cap, config, own, common, opened)
            sources.append(source)
            notes += found
    except BciError as error:
        raise type(error)(f"--pool: {error}") from None
    return Pooled(recorded.on(common), tuple(sources), tuple(notes))


def open_source(
    pool: Pool,
    cap: Preprocessing,
    config: Config,
    own: Preprocessing,
    common: tuple[str, ...],
    opened: Callable[[str], None],
) -> tuple[PoolSource, list[str]]:
    """Return a source on the common sensors, and what the user should know about it.

    Parameters
    ----------
    pool : Pool
        Where the recordings are.
    cap : Preprocessing
        As `cap_of` returns it.
    config : Config
        The new subject's: filter, latencies, artefact limit.
    own : Preprocessing
        The new subject's.
    common : tuple of str
        The sensors to keep, in the new subject's spelling.
    opened : callable
        Called with the name of each recording.

    Returns
    -------
    source : PoolSource
        Without artefacts.
    notes : list of str
        What the user should know, one line each.

    See Also
    --------
    calibration.p300.pooling.sources.pool_source : Makes the source of epochs.
    """
    spelled = {sensor_place(name): name for name in cap.ch_names}
    theirs = tuple(spelled[sensor_place(name)] for name in common)
    wide = lag_config(pool.config, config, cap.sfreq, theirs)
    epochs = epochs_of(pool.paths, wide, opened=opened).all()
    kept, _ = clean(epochs, config.artefacts.k)
    source = pool_source(pool.name, kept, config.epoch, common)
    n_left_out = len(epochs) - len(kept) + sum(epochs.rejected.values())
    notes = [
        *epochs.notes,
        f"{pool.name}: {source.y.size} flashes pooled, {int(source.y.sum())} of them targets, "
        f"{n_left_out} left out; {cap.sfreq:g} Hz in {cap.unit}, the new subject's "
        f"{own.sfreq:g} Hz in {own.unit}: both are taken at the same {source.n_times} "
        "latencies, and each is scaled on its own",
        *other_reference(pool.name, cap, own),
    ]
    return source, notes
