"""The errors that a user or a caller can act on; a programmer's error is a ValueError."""

__all__ = ["BciError", "ConfigError", "DecoderMismatchError", "RecordingError", "SourceLostError"]


class BciError(Exception):
    """An error that a user can correct; the command line writes one line and exits with 2."""


class ConfigError(BciError):
    """A configuration file or value breaks a rule."""


class DecoderMismatchError(BciError):
    """A decoder file is not usable, or does not fit the stream that it should decode."""


class RecordingError(BciError):
    """A recording cannot be read, or lacks what is needed."""


class SourceLostError(BciError):
    """An open source no longer delivers samples."""
