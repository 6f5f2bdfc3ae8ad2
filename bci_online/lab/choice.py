"""What a person has chosen in the window; the steps follow from it."""

from pathlib import Path

import msgspec

from bci_online.lab.contents import LabConfiguration, LabContents, LabDecoder

__all__ = ["Choice"]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom the session is, and how.

    Parameters
    ----------
    subject : str
        A number or a pseudonym; empty: none is chosen.
    configuration : Path or None
        Of the session; None: the first one of the lab.
    decoder : Path or None
        That decides; None: the newest one of the subject.
    copy : str
        What is spelled; empty: as the subject likes.
    until : str
        A calibration ends once its letters promise so many right, such as ``9/10``.
    reason : str
        Why a session begins with electrodes that are not good.
    consent : str
        What the subject agreed to: then a session can be added to the library.
    run : Path or None
        The folder of the session that is looked at; None: the last one of the subject.

    See Also
    --------
    bci_online.lab.cards.cards_of : What comes next.

    Examples
    --------
    >>> lab = LabContents(folder=Path("."))
    >>> Choice(subject="01").configuration_in(lab) is None
    True
    """

    subject: str = ""
    configuration: Path | None = None
    decoder: Path | None = None
    copy: str = ""
    until: str = ""
    reason: str = ""
    consent: str = ""
    run: Path | None = None

    def configuration_in(self, lab: LabContents) -> LabConfiguration | None:
        """Return the configuration of the session; None where the lab has none."""
        named = [one for one in lab.configurations if one.path == self.configuration]
        usable = [one for one in lab.configurations if not one.fault]
        return next(iter((*named, *usable, *lab.configurations)), None)

    def decoders_in(self, lab: LabContents) -> tuple[LabDecoder, ...]:
        """Return the decoders that can decide for this subject, the newest first."""
        configuration = self.configuration_in(lab)
        is_imagery = configuration is not None and configuration.is_imagery
        return tuple(
            one
            for one in lab.decoders_of(self.subject)
            if not one.fault and one.is_imagery == is_imagery
        )

    def decoder_in(self, lab: LabContents) -> LabDecoder | None:
        """Return the decoder that decides; None where there is none."""
        known = self.decoders_in(lab)
        return next((one for one in known if one.path == self.decoder), next(iter(known), None))
