"""Decoders, and the one file that carries them from calibration to a live run."""
