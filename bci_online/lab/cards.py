"""The six steps of a session as cards: done, next, or blocked with the reason."""

from bci_online.lab.afterwards_card import afterwards_card
from bci_online.lab.decoder_cards import decoder_card, use_card
from bci_online.lab.lab_state import Card, LabState
from bci_online.lab.preparation_cards import amplifier_card, calibrate_card, electrodes_card

__all__ = ["cards_of"]


def cards_of(state: LabState) -> tuple[Card, ...]:
    """Return the six cards.

    Parameters
    ----------
    state : LabState
        Nothing else counts.

    Returns
    -------
    cards : tuple of Card
        In the order of `STEPS`.

    See Also
    --------
    bci_online.lab.actions.Action : What a card offers.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bci_online.lab.contents import LabContents
    >>> cards = cards_of(LabState(lab=LabContents(folder=Path("."))))
    >>> [card.state for card in cards]
    ['blocked', 'blocked', 'blocked', 'blocked', 'blocked', 'blocked']
    """
    makers = (
        amplifier_card,
        electrodes_card,
        calibrate_card,
        decoder_card,
        use_card,
        afterwards_card,
    )
    return tuple(make(state) for make in makers)
