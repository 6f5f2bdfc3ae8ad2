"""Recordings of flashes run through the online chain, with every labelled epoch kept."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from bci_online.acquisition.source import NotedSource
from bci_online.config import Config, Preprocessing
from bci_online.preprocessing.cutting import Cutting, cutting_of
from calibration.bad_channels import left_out_notes, without_channels
from calibration.chain_runs import run_chains
from calibration.cut_together import CutTogether
from calibration.p300.cut_beside import CutBeside, collector_of, judged
from calibration.p300.epochs import EpochSet, Letter, stacked

__all__ = ["labelled_epochs"]


def labelled_epochs(
    sources: Sequence[tuple[str, NotedSource]],
    config: Config,
    preprocessing: Preprocessing | None = None,
    progress: Callable[[str], None] = lambda _: None,
    decided: Mapping[int, str] | None = None,
    beside: Sequence[CutBeside] = (),
) -> EpochSet:
    """Run the online chain over recordings and keep every labelled epoch.

    Channels that are dead or far too loud are left out, with a note; see
    `calibration.bad_channels`.

    A flash whose marker does not say whether it was a target gets its label from its letter and the
    layout, if both are known. A note says how many did.

    Parameters
    ----------
    sources : sequence of (str, NotedSource)
        Name and source of each recording of one subject, in the order they were recorded.
    config : Config
        Streams, markers, filter, latencies, layout.
    preprocessing : Preprocessing, optional
        What an epoch is; by default as `config` and the first recording say.
    progress : callable
        Called with the name of each recording.
    decided : mapping of int to str, optional
        The symbol of each trial, by its number, where markers do not know it; then their labels do
        not count.
    beside : sequence of CutBeside
        Keep other epochs of the same flashes.

    Returns
    -------
    epochs : EpochSet
        In order of time within each recording.

    Raises
    ------
    RecordingError
        If a recording cannot be read or none holds a labelled epoch.
    DecoderMismatchError
        If the recordings do not match each other.

    See Also
    --------
    calibration.p300.recorded_epochs.epochs_of : The same for XDF files.
    bci_online.runtime.assembly.online_chain : The chain that cuts them.

    Examples
    --------
    A simulated subject copies one letter:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from bci_online.config import Presentation, Simulation
    >>> from bci_online.runtime.simulated_recording import write_recording
    >>> from calibration.chain_runs import sources_of
    >>> config = Config(
    ...     presentation=Presentation(repetitions=2),
    ...     simulation=Simulation(sfreq=128.0, ch_names=("Cz", "Pz")),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Path(folder) / "run.xdf"
    ...     duration = write_recording(config, "A", recording, seed=0)
    ...     epochs = labelled_epochs(sources_of([recording], config), config)
    >>> len(epochs), int(epochs.y.sum()), epochs.letters[0].truth
    (24, 4, 'A')
    """
    letters: list[Letter] = []

    def together(made: Preprocessing) -> Cutting:
        begun = (one.begin(made) for one in beside)
        return CutTogether(cutting_of(made), [one for one in begun if one is not None])

    found, made = run_chains(
        sources,
        config,
        preprocessing,
        progress,
        lambda run, _: collector_of(config)(run, config, letters, decided),
        together,
    )
    for one in beside:
        one.keep(found)
    if preprocessing is not None or made is None:
        return stacked(found, letters, config, made)
    bad, epochs = judged(found, letters, config, made)
    fewer = without_channels(bad, made)
    if fewer is None:
        return epochs or stacked(found, letters, config, made)
    epochs = labelled_epochs(sources, config, fewer, progress, decided)
    return msgspec.structs.replace(epochs, notes=(*left_out_notes(bad), *epochs.notes))
