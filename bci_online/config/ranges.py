"""What a number, a text or a list of a configuration or decoder header may be.

Every field has a lower and an upper bound; a test walks over all structs and finds one without. So
a file from another person cannot ask for endless work. The bounds are wide: they refuse
what no laboratory has, not what is unusual. What has a unit carries it, for whoever shows the field
to a person.
"""

from typing import Annotated

import msgspec

__all__ = [
    "Amplitude",
    "Bridge",
    "ChannelNumber",
    "Confusion",
    "Count",
    "Delay",
    "Figure",
    "Fraction",
    "Hertz",
    "Label",
    "Latency",
    "Mask",
    "Modulus",
    "Names",
    "PathText",
    "Probability",
    "Repetitions",
    "Score",
    "Seconds",
    "Sfreq",
    "Share",
    "Text",
    "Wait",
    "Weight",
    "Whole",
]

# Numbers of a signal. Amplifiers exist up to 100 kHz.
Sfreq = Annotated[float, msgspec.Meta(ge=1, le=100_000, extra={"unit": "Hz"})]
Hertz = Annotated[float, msgspec.Meta(gt=0, le=50_000, extra={"unit": "Hz"})]
Latency = Annotated[float, msgspec.Meta(ge=0, le=10, extra={"unit": "s"})]
Delay = Annotated[float, msgspec.Meta(ge=-10, le=10, extra={"unit": "s"})]
# Microvolts.
Amplitude = Annotated[float, msgspec.Meta(ge=0, le=1e6, extra={"unit": "µV"})]
# A straight line of more than a second is not a signal. The buffer must hold it, too.
Bridge = Annotated[float, msgspec.Meta(ge=0, le=1, extra={"unit": "s"})]
# A double counts exactly up to here; a counter begins again before that.
Modulus = Annotated[int, msgspec.Meta(ge=2, le=1 << 53)]

ChannelNumber = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
# Bits of a trigger line that count; 0 is all of them.
Mask = Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]

# Numbers of a session. Seconds: how long something is shown to a person.
Seconds = Annotated[float, msgspec.Meta(ge=0, le=600, extra={"unit": "s"})]
# Nobody waits longer than a year.
Wait = Annotated[float, msgspec.Meta(ge=1e-3, le=1e9, extra={"unit": "s"})]
Repetitions = Annotated[int, msgspec.Meta(ge=1, le=1000)]

# Numbers of a decoder. Squares and quotients of scores and weights are finite within these bounds.
Score = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
Weight = Annotated[float, msgspec.Meta(ge=1e-9, le=1e9)]
# A probability that may also be none at all.
Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
Probability = Annotated[float, msgspec.Meta(gt=0, lt=1)]
# A part of a whole: it may be none or all of it.
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]

# Figures for people: nothing is computed with them.
Figure = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
Whole = Annotated[int, msgspec.Meta(ge=-(1 << 53), le=1 << 53)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]

# Texts, and lists of them.
Label = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]
PathText = Annotated[str, msgspec.Meta(max_length=4096)]
EntryPoint = Annotated[
    str,
    msgspec.Meta(max_length=200, pattern=r"\A([A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*)?\Z"),
]
"""Where code lies, as MODULE:NAME; or nothing."""
Names = Annotated[tuple[Label, ...], msgspec.Meta(max_length=1024)]
Confusion = Annotated[
    dict[Label, Annotated[dict[Label, Count], msgspec.Meta(max_length=100)]],
    msgspec.Meta(max_length=100),
]
