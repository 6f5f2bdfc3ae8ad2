"""The errors a caller can act on; everything else is a plain ValueError at the door."""

__all__ = ["BciError", "ConfigError", "DecoderMismatchError", "RecordingError", "SourceLostError"]


class BciError(Exception):
    """Something a user can mend; the command line shows it as one line and exits with 2."""


class ConfigError(BciError):
    """A configuration file or value breaks a rule."""


class DecoderMismatchError(BciError):
    """A decoder file is not usable, or does not fit the stream it should decode."""


class RecordingError(BciError):
    """A recording cannot be read, or does not hold what is asked of it."""


class SourceLostError(BciError):
    """A live source that was open stopped delivering."""
