"""One HTML page without scripts and without anything from elsewhere; all text is escaped."""

from collections.abc import Sequence

from bci_online.page.blocks import Html, escaped

__all__ = ["page", "section"]

CSS = """
:root { color-scheme: light dark; --paper: #fdfdfc; --ink: #1d2024; --muted: #5d646d;
  --line: #dfe2e5; --wash: #f2f3f3; --c0: #5b7fa6; --c1: #c8581c; --c2: #2f8a68; --c3: #8b5fa8;
  --c4: #8a7a1f; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171a; --ink: #e6e7e8; --muted: #a2a9b1;
  --line: #33383e; --wash: #1e2125; --c0: #7fa6d0; --c1: #f0884c; --c2: #58b894; --c3: #b78ad4;
  --c4: #c4b14a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 3rem 1.25rem 5rem; max-width: 48rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums lining-nums; overflow-wrap: break-word; }
h1 { font-size: 1rem; font-weight: 600; color: var(--muted); margin: 0 0 .75rem; }
.opening { font-size: 1.55rem; line-height: 1.3; margin: 0 0 .75rem; text-wrap: balance; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 3rem 0 .5rem; padding-top: .75rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.75rem 0 .25rem; }
p { margin: .5rem 0; }
nav ol { margin: 1.25rem 0 0; padding: 0; list-style: none; columns: 2; color: var(--muted); }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: .2em; }
figure { margin: 1.25rem 0; break-inside: avoid; }
figcaption, .note { color: var(--muted); font-size: .875rem; line-height: 1.45;
  margin-top: .35rem; }
svg { display: block; width: 100%; height: auto; }
svg text { font-family: inherit !important; }
dl { display: grid; grid-template-columns: minmax(8rem, 13rem) 1fr; gap: .3rem 1.25rem;
  margin: 1rem 0; }
dt { color: var(--muted); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: 1rem 0; }
caption { text-align: left; color: var(--muted); padding-bottom: .35rem; white-space: normal; }
th, td { text-align: right; padding: .2rem 0 .2rem 1.25rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; vertical-align: top; }
th { font-weight: 500; color: var(--muted); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
table.words :is(td, th) { text-align: left; }
table.words td + td { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
table.pairs :is(td, th):nth-child(odd) { text-align: left; }
table.pairs :is(td, th):nth-child(2n + 3) { padding-left: 2.25rem; }
pre { background: var(--wash); padding: .6rem .8rem; overflow-x: auto; font-size: .85rem;
  line-height: 1.4; margin: .5rem 0; }
ul.lines { margin: .5rem 0; padding-left: 1.1rem; }
summary { cursor: pointer; color: var(--muted); }
@media (max-width: 34rem) { figure { overflow-x: auto; } figure > svg { min-width: 34rem; }
  nav ol { columns: 1; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .6rem; } .opening { font-size: 1.3rem; } }
@page { margin: 16mm; }
@media print { :root { --paper: #fff; --ink: #000; --muted: #444; --line: #ccc; --wash: #f4f4f4;
  --c0: #3f6690; --c1: #b34a12; --c2: #23735a; --c3: #74488f; --c4: #766714; }
  body { font-size: 10pt; padding: 0; max-width: none; } h2 { break-after: avoid; }
  table, dl { break-inside: auto; } tr { break-inside: avoid; } nav { display: none; } }
"""


def section(title: str, *blocks: Html) -> tuple[str, Html]:
    """Return a section's title and content, for `page`.

    Parameters
    ----------
    title : str
        It is also in the table of contents.
    *blocks : Html
        What is in it.

    Returns
    -------
    title : str
        As it was given.
    content : Html
        The blocks, one after another.

    See Also
    --------
    page : Takes sections.

    Examples
    --------
    >>> from bci_online.page.blocks import paragraph
    >>> section("Signal", paragraph("Good."), paragraph("No loss."))
    ('Signal', '<p>Good.</p><p>No loss.</p>')
    """
    return title, Html("".join(blocks))


def page(title: str, opening: str, sections: Sequence[tuple[str, Html]]) -> str:
    """Return the whole page: title, opening line, table of contents, sections.

    Parameters
    ----------
    title : str
        Also the title of the browser's window.
    opening : str
        One line below the title.
    sections : sequence of (str, Html)
        Title and content of each, as `section` returns them.

    Returns
    -------
    page : str
        HTML that needs no other file.

    See Also
    --------
    section : Makes a section.
    bci_online.page.blocks.paragraph : A part of a section.

    Examples
    --------
    >>> from bci_online.page.blocks import paragraph
    >>> text = page("Report", "A decoder.", [section("Figures", paragraph("None."))])
    >>> '<a href="#s1">Figures</a>' in text, '<section id="s1"><h2>Figures</h2>' in text
    (True, True)
    """
    contents = "".join(
        f'<li><a href="#s{number}">{escaped(name)}</a></li>'
        for number, (name, _) in enumerate(sections, start=1)
    )
    body = "".join(
        f'<section id="s{number}"><h2>{escaped(name)}</h2>{content}</section>'
        for number, (name, content) in enumerate(sections, start=1)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>{CSS}</style></head><body>"
        f'<header><h1>{escaped(title)}</h1><p class="opening">{escaped(opening)}</p></header>'
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav><main>{body}</main></body></html>\n'
    )
