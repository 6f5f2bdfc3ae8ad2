"""The P300 speller's calibration, from recordings to a decoder file."""
