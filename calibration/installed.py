"""Whether an optional library is installed."""

from importlib.util import find_spec

from bci_online.errors import BciError

__all__ = ["check_installed"]


def check_installed(library: str, extra: str, what: str) -> None:
    """Refuse an option whose library is not installed.

    Parameters
    ----------
    library : str
        Name of the module to import.
    extra : str
        Extra of bci-online that installs it.
    what : str
        The option that needs it, as the user typed it.

    Raises
    ------
    BciError
        It says how to install the library.

    See Also
    --------

    Examples
    --------
    >>> check_installed("numpy", "networks", "--method lda")
    >>> check_installed("no_such_library", "strategies", "--loss-weighting uw")
    Traceback (most recent call last):
    bci_online.errors.BciError: --loss-weighting uw needs no_such_library: \
    pip install 'bci-online[strategies]'
    """
    if find_spec(library) is None:
        name = "PyTorch" if library == "torch" else library
        raise BciError(f"{what} needs {name}: pip install 'bci-online[{extra}]'")
