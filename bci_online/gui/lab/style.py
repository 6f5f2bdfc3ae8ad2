"""How the window looks: by the system light or dark, in sizes that follow the system's font."""

from dataclasses import replace
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from bci_online.gui.panel.shades import shade
from bci_online.gui.themes import THEMES, Theme

__all__ = ["LIGHT", "palette_of", "plain_tip", "raised", "style_sheet", "theme_now"]

# The accents are darker shades of those of the dark theme: on white they need that to be read.
LIGHT = Theme("#fbfbfa", "#8a9099", "#0d0f12", "#23262b", "#5b616a", "#9a5b00", "#0a6299")

RAISED = 0.03
"""How much lighter than the window an open card is, or darker where the window is light."""

STYLE = """
QWidget {{ background: {0.ground}; color: {0.text}; }}
QLabel#quiet, QLabel#fact {{ color: {0.quiet}; }}
QLabel#title, QLabel#heading {{ font-weight: 600; }}
QLabel#title {{ padding-top: 0.4em; }}
QLabel#alarm {{ color: {0.cue}; }}
QFrame#card {{ border: 1px solid {line}; border-radius: 8px; }}
QFrame#card[open="true"] {{ border-color: {edge}; background: {raised}; }}
QFrame#card[open="true"] QWidget {{ background: {raised}; }}
QPushButton, QToolButton {{ border: 1px solid {edge}; border-radius: 5px; padding: 0.35em 0.9em; }}
QPushButton:hover, QToolButton:hover {{ border-color: {0.text}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus,
QPlainTextEdit:focus, QTreeView:focus, QAbstractItemView:focus {{ border: 1px solid {0.decision}; }}
QPushButton:disabled {{ color: {0.dim}; border-color: {line}; }}
QPushButton#primary:enabled, QFrame#card[open="true"] QPushButton#primary:enabled {{
  background: {0.decision}; color: {0.ground}; border-color: {0.decision}; font-weight: 600; }}
QPushButton#primary:focus {{ border: 2px solid {0.text}; }}
QPushButton#head {{ border: none; text-align: left; padding: 0; }}
QPushButton#head:focus {{ border: 1px solid {0.decision}; }}
QPushButton#stop:enabled {{ border-color: {0.cue}; color: {0.cue}; }}
QLineEdit, QPlainTextEdit, QComboBox {{ border: 1px solid {edge}; border-radius: 5px;
  padding: 0.3em 0.5em; }}
QComboBox::drop-down {{ border: none; width: 1.8em; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: 0.9em; height: 0.9em; }}
QCheckBox::indicator {{ width: 1em; height: 1em; border: 1px solid {edge}; border-radius: 3px; }}
QCheckBox::indicator:hover, QCheckBox:focus::indicator {{ border-color: {0.decision}; }}
QCheckBox::indicator:checked {{ background: {0.decision}; border-color: {0.decision};
  image: url("{tick}"); }}
QComboBox QAbstractItemView {{ background: {raised}; selection-background-color: {picked};
  selection-color: {0.text}; }}
QTreeView, QAbstractItemView {{ border: 1px solid transparent; outline: none;
  selection-background-color: {picked}; selection-color: {0.text}; }}
QTreeView::item {{ padding: 0.2em 0; }}
QTreeView::item:selected {{ background: {picked}; color: {0.text}; }}
QHeaderView::section {{ background: {0.ground}; color: {0.quiet}; border: none; padding: 0.2em; }}
QProgressBar {{ border: none; background: {line}; border-radius: 3px; max-height: 6px; }}
QProgressBar::chunk {{ background: {0.decision}; border-radius: 3px; }}
QLineEdit#command {{ font-family: monospace; color: {0.quiet}; border-color: {line}; }}
QCheckBox:focus {{ color: {0.decision}; }}
QToolTip {{ background: {raised}; color: {0.text}; border: 1px solid {edge}; padding: 0.3em; }}
QScrollArea, QSplitter {{ border: none; }}
QSplitter::handle {{ background: {line}; }}
QListWidget::item {{ padding: 0.25em 0.4em; }}
QListWidget::item:selected {{ background: {picked}; color: {0.text}; }}
QLabel#mark {{ color: {0.decision}; }}
QFrame#setting {{ border: none; border-left: 3px solid transparent; }}
QFrame#setting[changed="true"] {{ border-left-color: {0.decision}; }}
QPlainTextEdit {{ border: 1px solid {edge}; border-radius: 5px; }}
QPlainTextEdit:focus {{ border-color: {0.decision}; }}
QScrollBar:vertical {{ border: none; background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ border: none; background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {edge}; border-radius: 4px; min-height: 2em; min-width: 2em;
  margin: 1px; }}
QScrollBar::handle:hover {{ background: {0.quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: transparent; border: none; width: 0; height: 0; }}
"""


def theme_now() -> Theme:
    """Return the colours that the system asks for.

    Returns
    -------
    theme : Theme
        Dark, unless the system says light.

    See Also
    --------
    bci_online.gui.themes.THEMES : The themes of the other windows.
    """
    scheme = QGuiApplication.styleHints().colorScheme()
    return LIGHT if scheme == Qt.ColorScheme.Light else THEMES["dark"]


def palette_of(theme: Theme) -> QPalette:
    """Return the colours of what a style sheet does not draw: ticks, arrows, the cursor.

    Parameters
    ----------
    theme : Theme
        Its colours.

    Returns
    -------
    palette : QPalette
        For `QWidget.setPalette`.

    See Also
    --------
    style_sheet : The rest.
    """
    role = QPalette.ColorRole
    palette = QPalette(QColor(theme.ground))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(one, QColor(theme.text))
    palette.setColor(role.Base, shade(theme, 0.1))
    palette.setColor(role.PlaceholderText, QColor(theme.quiet))
    palette.setColor(role.Highlight, QColor(theme.decision))
    palette.setColor(role.HighlightedText, QColor(theme.ground))
    return palette


def style_sheet(theme: Theme) -> str:
    """Return the style of every widget of the window.

    Parameters
    ----------
    theme : Theme
        Its colours.

    Returns
    -------
    sheet : str
        For `QWidget.setStyleSheet`.

    See Also
    --------
    theme_now : The colours.
    """
    greys = {"raised": RAISED, "line": 0.13, "edge": 0.3, "picked": 0.16}
    named = {name: shade(theme, share).name() for name, share in greys.items()}
    # A style that is set has no arrow and no tick of its own.
    images = Path(__file__).parent / "images"
    ground = "light" if theme == LIGHT else "dark"
    tick, arrow = (images / f"tick-on-{ground}.png").as_posix(), (images / "down.png").as_posix()
    return STYLE.format(theme, arrow=arrow, tick=tick, **named)


def raised(theme: Theme) -> Theme:
    """Return the colours of what is painted on an open card.

    Parameters
    ----------
    theme : Theme
        Of the window.

    Returns
    -------
    theme : Theme
        Its ground is that of the card.

    See Also
    --------
    style_sheet : Colours the card itself.
    """
    return replace(theme, ground=shade(theme, RAISED).name())


def plain_tip(text: str) -> str:
    r"""Return a text as a tool tip that shows it as it is: a tool tip may read a text as markup.

    Parameters
    ----------
    text : str
        It may come from a file.

    Returns
    -------
    tip : str
        As markup; empty where there is no text.

    See Also
    --------
    bci_online.gui.lab.setting_field.plain_label : The same of labels.

    Examples
    --------
    >>> plain_tip("<b>.toml\nis TOML")
    '<p>&lt;b&gt;.toml<br>is TOML</p>'
    """
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>" if text else ""
