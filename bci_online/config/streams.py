"""Where the EEG and the markers come from, and how long they may be silent."""

from typing import Annotated, Literal

import msgspec

from bci_online.config.eeg_origin import LSL, eeg_origin
from bci_online.config.ranges import (
    Bridge,
    ChannelNumber,
    Delay,
    Label,
    Mask,
    Modulus,
    Names,
    PathText,
    Sfreq,
    Wait,
)
from bci_online.config.section import Section
from bci_online.marker_presets import JOINED, PresetName, preset_rules
from bci_online.translation import TranslationRule

__all__ = ["EegStream", "Live", "MarkerStream", "Security"]


Step = Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
Rules = Annotated[tuple[TranslationRule, ...], msgspec.Meta(max_length=1000)]


class EegStream(Section, frozen=True):
    """Where the EEG comes from, which stream it is, and which of its channels take part.

    A ``source`` other than ``lsl`` is sent into LSL while a run or session lasts. Rates are in Hz,
    times in s.

    Parameters
    ----------
    source : str
        ``lsl``, ``fieldtrip://HOST:PORT`` or ``mne-mock:FILE.fif`` (mne-realtime).
    name : str
        Name or source_id of the stream; empty: the only one of the type.
    type : str
        Type of the stream.
    hostname : str
        Only streams of this computer; empty: of any.
    channels : tuple of str
        Channels that take part; empty: all of type EEG.
    exclude : tuple of str
        Channels that are left out, for instance the mastoids M1 and M2.
    rename : dict of str to str
        Other names for channels, from the stream's to one that counts everywhere else, such as
        ``"EEG 001" = "Fz"``.
    sfreq : float or {"stated", "measured"}
        Sampling frequency; ``stated``: as the stream states it; ``measured``: by the stamps.
    unit : str
        Unit of the samples; ``stated``: as the stream states it.
    counter : str
        A channel that counts samples; empty: none.
    counter_modulus : int
        How many numbers the counter has; then it begins again.
    counter_step : int
        What the counter adds from sample to sample.
    reference : {"recorded", "average"}
        The one that was recorded, or the mean of the channels that take part.
    max_bridge : float
        Shorter losses are interpolated, longer ones restart the filter.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_eeg : Chooses the stream.

    Examples
    --------
    >>> EegStream(source="usb")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: source='usb' must be 'lsl', 'fieldtrip://HOST:PORT' ...
    """

    source: PathText = LSL
    name: Label = ""
    type: Label = "EEG"
    hostname: Label = ""
    channels: Names = ()
    exclude: Names = ()
    rename: Annotated[dict[Label, Label], msgspec.Meta(max_length=1024)] = msgspec.field(
        default_factory=dict
    )
    sfreq: Sfreq | Literal["stated", "measured"] = "stated"
    unit: Literal["stated", "volts", "millivolts", "microvolts", "nanovolts"] = "stated"
    counter: Label = ""
    counter_modulus: Modulus = 256
    counter_step: Step = 1
    reference: Literal["recorded", "average"] = "recorded"
    max_bridge: Bridge = 0.1

    def check(self) -> None:
        """Refuse an unknown source, and a counter that cannot tell losses from disorder."""
        eeg_origin(self.source)
        if 2 * self.counter_step > self.counter_modulus:
            raise ValueError(
                f"counter_step={self.counter_step} must be at most half of "
                f"counter_modulus={self.counter_modulus}"
            )


class MarkerStream(Section, frozen=True):
    r"""Which streams are markers, and how to read foreign ones; delays in s.

    Parameters
    ----------
    names : tuple of str
        Names or source_ids of the streams; empty: every stream of one of the types.
    types : tuple of str
        Types of the streams, where no names are given.
    hostname : str
        Only streams of this computer; empty: of any.
    channel : str or int
        Of a stream of several channels the one that holds the markers: its label, or its number
        from 1; empty: the usual one.
    channel_of_eeg : str
        A channel of the EEG stream that holds triggers; empty: none.
    mask : int
        The bits of trigger numbers that count, such as 255 for the lower eight; 0: all.
    clock : {"compared", "match-start"}
        ``match-start``: in a recording whose markers lie outside of the EEG, because their clocks
        were never compared, the first marker is taken to come with the first sample. Only who
        knows that both began together can say so.
    join : bool
        Whether markers of one moment of a stream are one, joined with a blank.
    preset : str
        The program that sends the markers. Its rules come after those of the table ``translate``.
        It joins markers where the program needs it. ``bci-online look`` says which one fits.
    translate : tuple of TranslationRule
        From foreign markers to the grammar; the first rule that matches wins. A rule has ``to`` and
        exactly one of ``exact``, ``number`` and ``regex``, such as
        ``{ exact = "Trial Started", to = "trial/start" }`` or
        ``{ regex = 's,(\d+),t', to = 'flash/\1/target' }``. Empty ``to``: the marker is dropped.
    display_delay : float
        From a marker to its light, measured with a photodiode.
    amplifier_delay : float
        From a potential at the electrode to its stamp.

    See Also
    --------
    bci_online.acquisition.stream_choice.choose_markers : Chooses the streams.
    bci_online.translation.Translator : Reads foreign markers.

    Examples
    --------
    A preset brings its rules, after those that are given:

    >>> markers = MarkerStream(preset="openvibe-p300")
    >>> markers.join, markers.translate[0].to
    (True, 'trial/start')
    """

    names: Names = ()
    types: Names = ("Markers", "LSL_Marker_Strings", "Marker", "Stim")
    hostname: Label = ""
    channel: Label | ChannelNumber = ""
    channel_of_eeg: Label = ""
    mask: Mask = 0
    clock: Literal["compared", "match-start"] = "compared"
    join: bool = False
    preset: PresetName = "none"
    translate: Rules = ()
    display_delay: Delay = 0.0
    amplifier_delay: Delay = 0.0

    def check(self) -> None:
        """Add the rules of the preset: whoever takes the table has all of it."""
        rules = preset_rules(self.preset)
        if rules and self.translate[-len(rules) :] != rules:
            msgspec.structs.force_setattr(self, "translate", (*self.translate, *rules))
        if self.preset in JOINED:
            msgspec.structs.force_setattr(self, "join", True)


class Live(Section, frozen=True):
    """When a live run raises an alarm, and when it ends; seconds.

    Parameters
    ----------
    resolve_timeout : float
        How long streams are searched.
    silent_after : float
        Without a sample for so long there is an alarm.
    lost_after : float
        Without a sample for so long the run does what ``on_lost`` says.
    on_lost : {"end", "wait"}
        End the run, or wait for the stream.
    on_unrecorded : {"continue", "end"}
        Go on or end when a spelling or feedback session can no longer be recorded; a calibration
        always ends then.
    max_data_age : float
        A decision whose data are older is late: it is published, but not carried out.

    See Also
    --------
    bci_online.runtime.engine.Engine : Follows it.
    """

    resolve_timeout: Wait = 10.0
    silent_after: Wait = 0.5
    lost_after: Wait = 30.0
    on_lost: Literal["end", "wait"] = "end"
    on_unrecorded: Literal["continue", "end"] = "continue"
    max_data_age: Wait = 1.0


class Security(Section, frozen=True):
    """Whose markers a live run obeys.

    Parameters
    ----------
    markers : {"signed", "open"}
        ``signed``: those of the session's parts alone, which have its key. ``open``: those of
        every stream that the table ``markers`` chooses, for a stimulus program that does not sign.
        A session with its own screen is always signed.

    See Also
    --------
    bci_online.signing : What a signed line is.
    """

    markers: Literal["signed", "open"] = "signed"
