"""The network that `bci-calibrate train` is given by name: one's own, or one to go on from."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bci_online.console import note
from bci_online.errors import BciError
from calibration.method_names import AUTO, TuneName

if TYPE_CHECKING:
    from bci_online.config import DecoderHeader
    from calibration.networks.network_start import NetworkStart
    from calibration.training_request import TrainingRequest

__all__ = ["going_on", "own_network", "read_beginning"]


def own_network(network: str, method: str) -> str:
    """Return MODULE:NAME of a network, which then is allowed in this process.

    Raises
    ------
    BciError
        If it is no such name, or cannot be imported.
    """
    if method != AUTO:
        raise BciError(f"--network {network}: is a method of its own; leave --method {method} out")
    if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", network) is None:
        raise BciError(f"--network {network}: must be MODULE:NAME, such as my_lab.networks:TinyNet")
    from calibration.installed import check_installed

    check_installed("torch", "networks", f"--network {network}")
    if network.startswith("braindecode"):
        check_installed("braindecode", "braindecode", f"--network {network}")
    from calibration.networks.one_training import allowed

    allowed(network)
    return network


def read_beginning(
    start: Path | None,
    tune: TuneName | None,
    method: str,
    loss_weighting: str | None,
    pools: bool,
) -> "tuple[NetworkStart, DecoderHeader] | None":
    """Read the network that the training goes on from; None if there is none.

    Raises
    ------
    BciError
        If it is no network, or other options are for another one.
    """
    if start is None:
        if tune is not None:
            raise BciError(f"--tune {tune}: says how to go on from a network; name it with --from")
        return None
    if pools:
        raise BciError(
            "--from: --pool and --library train a network to go on from as well; give one of them"
        )
    from calibration.networks.network_start import read_start

    found, header = read_start(start)
    if method not in (AUTO, found.network):
        option = "--network" if ":" in method else "--method"
        raise BciError(f"{option} {method}: {start} holds {found.network}; leave {option} out")
    if tune == "head" and loss_weighting not in (None, "fixed"):
        raise BciError(
            f"--loss-weighting {loss_weighting}: with --tune head one loss is learnt; leave it out"
        )
    # Only now: it imports PyTorch, as reading a network does.
    from calibration.networks.architecture import NEED_SHARED_LAYER

    if found.network == "fbmsnet" and loss_weighting in NEED_SHARED_LAYER:
        if not found.spec.shared_layer:
            raise BciError(
                f"--loss-weighting {loss_weighting}: {start} has no layer that all losses pass "
                f"through; leave it out, or give a network that was trained with {loss_weighting}"
            )
    return found, header


def going_on(
    request: "TrainingRequest", start: "NetworkStart", header: "DecoderHeader", tune: str | None
) -> "TrainingRequest":
    """Return a request whose network goes on from another one, on epochs as that one has them."""
    import msgspec

    from calibration.networks.start_epochs import config_like

    config, notes = config_like(start.name, header, request.config)
    for text in notes:
        note(text)
    training = request.network
    if training is not None:
        training = msgspec.structs.replace(training, start=start, tune=tune or "all")
    return msgspec.structs.replace(request, config=config, network=training)
