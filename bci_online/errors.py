"""The errors that a user or a caller can act on; a programmer's error is a ValueError."""

__all__ = ["BciError", "ConfigError", "DecoderMismatchError", "RecordingError", "SourceLostError"]


class BciError(Exception):
    """An error that a user can correct; the command line writes one line and exits with 2.

    See Also
    --------
    ConfigError : A configuration is wrong.
    RecordingError : A recording cannot be used.
    """


class ConfigError(BciError):
    """A configuration file or value breaks a rule.

    See Also
    --------
    bci_online.config.reading.read_config : Raises it.
    """


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
