"""The errors that a user or a caller can act on; a programmer's error is a ValueError."""

__all__ = [
    "BciError",
    "ConfigError",
    "DecoderMismatchError",
    "RecordingError",
    "SourceLostError",
    "shortened",
]

LONGEST = 2000


def shortened(text: str, limit: int = LONGEST) -> str:
    """Return `text`, or its beginning and end where it has more than `limit` characters.

    A value of a file from another person may have any length. The beginning names the thing and
    the rule, the end the way out.

    Parameters
    ----------
    text : str
        Of any length.
    limit : int
        Most characters that are kept.

    Returns
    -------
    text : str
        It says how many characters are left out.

    See Also
    --------
    BciError : Shortens its message so.

    Examples
    --------
    >>> shortened("sfreq must be positive")
    'sfreq must be positive'
    >>> shortened("word " + 100_000 * "A" + ": too long", limit=20)
    'word AAAAAAAAAA [… 99995 characters more …]  long'
    """
    if len(text) <= limit:
        return text
    head = 3 * limit // 4
    tail = limit - head
    return f"{text[:head]} [… {len(text) - limit} characters more …] {text[-tail:]}"


class BciError(Exception):
    """An error that a user can correct; the command line writes one line and exits with 2.

    A long message is `shortened`, since it may repeat a value of a file.

    See Also
    --------
    ConfigError : A configuration is wrong.
    RecordingError : A recording cannot be used.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(shortened(text))


class ConfigError(BciError):
    """A configuration file or value breaks a rule; the text names the file, key, rule and value.

    Attributes
    ----------
    key : str
        The key or table, with dots; empty where no single one is wrong.

    See Also
    --------
    bci_online.config.reading.read_config : Raises it.
    """

    def __init__(self, text: str = "", key: str = "") -> None:
        super().__init__(text)
        self.key = key


class DecoderMismatchError(BciError):
    """A decoder file is not usable, or does not fit the stream that it should decode.

    See Also
    --------
    bci_online.decoding.decoder_file.read_decoder : Raises it for a file.
    bci_online.decoding.decoder.match_stream : Raises it for a stream.
    """


class RecordingError(BciError):
    """A recording cannot be read, or lacks what is needed.

    See Also
    --------
    bci_online.acquisition.xdf.source.XdfSource : Raises it when it is opened.
    """


class SourceLostError(BciError):
    """An open source no longer delivers samples.

    See Also
    --------
    bci_online.acquisition.lsl.source.LslSource : Raises it when the stream ends.
    """
