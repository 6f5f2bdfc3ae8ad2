"""The settings of one training: made once from the command line, and then passed on."""

from pathlib import Path
from typing import Literal, Self

import msgspec

from bci_online.config import Config
from calibration.method_names import RefitName
from calibration.networks.network_start import NetworkStart
from calibration.networks.network_training import NetworkTraining

__all__ = ["SensorNumber", "TrainingRequest"]

SensorNumber = int | Literal["auto"]
"""How many sensors at most; "auto" is the smallest number within one standard error of the best."""


class TrainingRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one training.

    Parameters
    ----------
    recordings : tuple of Path
        XDF files of one subject, oldest first.
    config : Config
        What an epoch is, and the layout.
    output : Path
        The decoder file to write.
    method : str
        Name of the method.
    config_path : Path, optional
        The file that `config` was read from, for messages and the report.
    network : NetworkTraining, optional
        How the method is trained, if it is a network.
    trials : frozenset of int
        Only these letters or cues, counted over all recordings from 1; all if empty.
    sensors : int or "auto", optional
        How many sensors at most. By default as many as the method keeps.
    preferred : tuple of str
        Places of the 10-10 system near which a sensor costs less.
    pools : tuple of str
        Other subjects to learn with, each as `parse_pool` reads it.
    library : Path, optional
        Folder of earlier sessions to learn with.
    refit : {"lda", "btlda", "none"}, optional
        What gives the weights on the sensors that a sparse method chose; by default lda.
    networks : tuple of NetworkTraining
        Networks that auto tries as well.
    evaluation : bool
        False writes the decoder without figures from held-out data.
    figure : Path, optional
        PNG or SVG file to draw.
    report : Path, optional
        HTML page to write about the decoder.
    jobs : int or None
        Processes at once; None: one for each core, where there is much to do.
    scheduler : str
        Address of a Dask scheduler, whose workers compute the held-out folds.
    as_json : bool
        Show one JSON line instead of a table.

    See Also
    --------
    calibration.p300.training.train : Train on flashes.
    calibration.motor_imagery.training.train : Train on imagery.

    Notes
    -----
    ``sensors``, ``preferred``, ``library``, ``refit``, ``networks``, ``jobs`` and ``scheduler`` are
    for flashes; ``pools`` also for networks of imagery.

    Examples
    --------
    >>> request = TrainingRequest(
    ...     recordings=(Path("run-01.xdf"),), config=Config(), output=Path("my.decoder"),
    ...     method="lda",
    ... )
    >>> request.title, request.chooses_sensors
    ('lda', False)
    """

    recordings: tuple[Path, ...]
    config: Config
    output: Path
    method: str
    config_path: Path | None = None
    network: NetworkTraining | None = None
    trials: frozenset[int] = frozenset()
    sensors: SensorNumber | None = None
    preferred: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    library: Path | None = None
    refit: RefitName | None = None
    networks: tuple[NetworkTraining, ...] = ()
    evaluation: bool = True
    figure: Path | None = None
    report: Path | None = None
    jobs: int | None = 1
    scheduler: str = ""
    as_json: bool = False

    @property
    def chooses_sensors(self) -> bool:
        """Whether an option for choosing sensors was given."""
        return bool(self.sensors or self.preferred or self.refit)

    @property
    def is_pooled(self) -> bool:
        """Whether other subjects or sessions help."""
        return bool(self.pools) or self.library is not None

    @property
    def start(self) -> NetworkStart | None:
        """The network that the training goes on from; None if there is none."""
        return None if self.network is None else self.network.start

    @property
    def from_nothing(self) -> Self:
        """The same training of a network without a start, to compare with."""
        network = None if self.network is None else self.network.from_nothing
        return msgspec.structs.replace(self, network=network)

    @property
    def title(self) -> str:
        """Name of the method as it is shown; of a network with its loss weighting."""
        return self.method if self.network is None else self.network.name
