"""Parts of a page as HTML; all text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple, NewType

__all__ = [
    "Html",
    "Picture",
    "code",
    "details",
    "escaped",
    "facts",
    "figure",
    "heading",
    "lines",
    "paragraph",
    "table",
]

Html = NewType("Html", str)
"""Text that is markup; plain `str` is not, and is escaped."""


class Picture(NamedTuple):
    """An inline SVG, its text for those who cannot see it, and its caption.

    Parameters
    ----------
    svg : str
        The drawing, to be put into a page as it is.
    alternative : str
        For those who cannot see it.
    caption : str
        What stands below it, not escaped.

    See Also
    --------
    figure : Puts it on the page.
    bci_online.page.charts.line_chart : Makes one.
    """

    svg: str
    alternative: str
    caption: str


def heading(text: str) -> Html:
    """Return the heading of a part of a section.

    Parameters
    ----------
    text : str
        Plain text.

    Returns
    -------
    html : Html
        One level below the section's title.

    See Also
    --------
    bci_online.page.document.section : Has its own title.

    Examples
    --------
    >>> heading("Not on this page")
    '<h3>Not on this page</h3>'
    """
    return Html(f"<h3>{escaped(text)}</h3>")


def paragraph(text: str, kind: str = "") -> Html:
    """Return a paragraph; the kind "note" is smaller and paler.

    Parameters
    ----------
    text : str
        Plain text.
    kind : {"", "note"}
        A note is smaller and paler.

    Returns
    -------
    html : Html
        The text, escaped.

    See Also
    --------
    lines : Several short texts.

    Examples
    --------
    >>> paragraph("Few letters.", "note")
    '<p class="note">Few letters.</p>'
    """
    return Html(f"<p{_class(kind)}>{escaped(text)}</p>")


def code(text: str) -> Html:
    """Return text that can be copied as it is, such as a configuration.

    Parameters
    ----------
    text : str
        Plain text of any number of lines.

    Returns
    -------
    html : Html
        Its lines are not broken.

    See Also
    --------
    paragraph : Text to be read.

    Examples
    --------
    >>> code("a < b")
    '<pre>a &lt; b</pre>'
    """
    return Html(f"<pre>{escape(text)}</pre>")


def lines(texts: Iterable[str]) -> Html:
    """Return a list of short texts.

    Parameters
    ----------
    texts : iterable of str
        Plain text.

    Returns
    -------
    html : Html
        One line for each.

    See Also
    --------
    paragraph : One text.

    Examples
    --------
    >>> lines(["C3: flat", "C4: loud"])
    '<ul class="lines"><li>C3: flat</li><li>C4: loud</li></ul>'
    """
    items = "".join(f"<li>{escaped(text)}</li>" for text in texts)
    return Html(f'<ul class="lines">{items}</ul>')


def facts(rows: Iterable[tuple[str, str]]) -> Html:
    """Return names with their values.

    Parameters
    ----------
    rows : iterable of (str, str)
        Name and value, plain text.

    Returns
    -------
    html : Html
        A description list.

    See Also
    --------
    table : For more than two columns.

    Examples
    --------
    >>> facts([("AUC", "0.93")])
    '<dl><dt>AUC</dt><dd>0.93</dd></dl>'
    """
    pairs = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in rows)
    return Html(f"<dl>{pairs}</dl>")


def figure(picture: Picture) -> Html:
    """Return a picture with its caption.

    Parameters
    ----------
    picture : Picture
        Its caption is escaped here.

    Returns
    -------
    html : Html
        The drawing with its caption.

    See Also
    --------
    bci_online.page.charts.line_chart : Makes a picture.

    Examples
    --------
    >>> figure(Picture("<svg/>", "a line", "n < 5"))
    '<figure><svg/><figcaption>n &lt; 5</figcaption></figure>'
    """
    return Html(
        f"<figure>{picture.svg}<figcaption>{escaped(picture.caption)}</figcaption></figure>"
    )


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", kind: str = ""
) -> Html:
    """Return a table whose first column names the rows.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
        The first cell names the row.
    caption : str
        Above the table; none if empty.
    kind : {"", "words", "pairs"}
        "words" is for cells of text, "pairs" for names and numbers in turn.

    Returns
    -------
    html : Html
        It can be scrolled if it is too wide.

    See Also
    --------
    facts : For names and values.

    Examples
    --------
    >>> text = table(("letters", "right"), [("20", "19")])
    >>> "<tr><td>20</td><td>19</td></tr>" in text
    True
    """
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    title = f"<caption>{escaped(caption)}</caption>" if caption else ""
    return Html(
        f'<div class="scroll"><table{_class(kind)}>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def details(title: str, *blocks: Html) -> Html:
    """Return blocks that are hidden until the reader opens them.

    Parameters
    ----------
    title : str
        Plain text that is always shown.
    *blocks : Html
        What is hidden.

    Returns
    -------
    html : Html
        Of the whole block.

    See Also
    --------
    bci_online.page.document.section : A part with a heading in the table of contents.

    Examples
    --------
    >>> details("More", paragraph("Hidden."))
    '<details><summary>More</summary><p>Hidden.</p></details>'
    """
    return Html(f"<details><summary>{escaped(title)}</summary>{''.join(blocks)}</details>")


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def escaped(text: str) -> str:
    r"""Return text as markup; a number and its per cent sign stay on one line.

    Parameters
    ----------
    text : str
        Plain text.

    Returns
    -------
    text : str
        Without markup of its own.

    See Also
    --------
    paragraph : Escapes what it is given.

    Examples
    --------
    >>> escaped("95 % of <all>")
    '95\xa0% of &lt;all&gt;'
    """
    return escape(text).replace(" %", "\u00a0%")
