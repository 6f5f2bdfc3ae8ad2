"""Whether an optional library is installed."""

from importlib.util import find_spec

from bci_online.errors import BciError

__all__ = ["check_installed"]


def check_installed(library: str, extra: str, what: str) -> None:
    """Refuse an option or a command whose library is not installed.

    Parameters
    ----------
    library : str
        Name of the module to import.
    extra : str
        Extra of bci-online that installs it.
    what : str
        The option or command that needs it, as the user typed it.

    Raises
    ------
    BciError
        It says how to install the library.

    See Also
    --------
    calibration.networks.network_options.NetworkOptions : The options that need PyTorch.

    Examples
    --------
    >>> check_installed("numpy", "networks", "--method lda")
    >>> check_installed("no_library", "networks", "--method x")
    Traceback (most recent call last):
    bci_online.errors.BciError: --method x needs no_library: pip install 'bci-online[networks]'
    """
    if find_spec(library) is None:
        name = "PyTorch" if library == "torch" else library
        raise BciError(f"{what} needs {name}: pip install 'bci-online[{extra}]'")
