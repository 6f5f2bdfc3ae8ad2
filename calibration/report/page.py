"""One HTML page without scripts and without anything from elsewhere; all text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NewType

from calibration.report.drawing import Picture

__all__ = [
    "Html",
    "details",
    "facts",
    "figure",
    "heading",
    "lines",
    "page",
    "paragraph",
    "section",
    "table",
]

Html = NewType("Html", str)
"""Text that is markup; plain `str` is not, and is escaped."""

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
caption { text-align: left; color: var(--muted); padding-bottom: .35rem; white-space: nowrap; }
th, td { text-align: right; padding: .2rem 0 .2rem 1.25rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; vertical-align: top; }
th { font-weight: 500; color: var(--muted); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
table.words :is(td, th) { text-align: left; }
table.words td + td { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
table.pairs :is(td, th):nth-child(odd) { text-align: left; }
table.pairs :is(td, th):nth-child(2n + 3) { padding-left: 2.25rem; }
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


def heading(text: str) -> Html:
    """Return the heading of a part of a section."""
    return Html(f"<h3>{_text(text)}</h3>")


def paragraph(text: str, kind: str = "") -> Html:
    """Return a paragraph; the kind "note" is smaller and paler."""
    return Html(f"<p{_class(kind)}>{_text(text)}</p>")


def lines(texts: Iterable[str]) -> Html:
    """Return a list of short texts."""
    items = "".join(f"<li>{_text(text)}</li>" for text in texts)
    return Html(f'<ul class="lines">{items}</ul>')


def facts(rows: Iterable[tuple[str, str]]) -> Html:
    """Return names with their values."""
    pairs = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in rows)
    return Html(f"<dl>{pairs}</dl>")


def figure(picture: Picture) -> Html:
    """Return a picture with its caption."""
    return Html(f"<figure>{picture.svg}<figcaption>{_text(picture.caption)}</figcaption></figure>")


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", kind: str = ""
) -> Html:
    """Return a table whose first column names the rows.

    The kind "words" is for cells of text, "pairs" for names and numbers in turn.
    """
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    title = f"<caption>{_text(caption)}</caption>" if caption else ""
    return Html(
        f'<div class="scroll"><table{_class(kind)}>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def details(title: str, *blocks: Html) -> Html:
    """Return blocks that are hidden until the reader opens them."""
    return Html(f"<details><summary>{_text(title)}</summary>{''.join(blocks)}</details>")


def section(title: str, *blocks: Html) -> tuple[str, Html]:
    """Return a section's title and content, for `page`."""
    return title, Html("".join(blocks))


def page(title: str, opening: str, sections: Sequence[tuple[str, Html]]) -> str:
    """Return the whole page: title, opening line, table of contents, sections."""
    contents = "".join(
        f'<li><a href="#s{number}">{_text(name)}</a></li>'
        for number, (name, _) in enumerate(sections, start=1)
    )
    body = "".join(
        f'<section id="s{number}"><h2>{_text(name)}</h2>{content}</section>'
        for number, (name, content) in enumerate(sections, start=1)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{CSS}</style></head><body>"
        f'<header><h1>{_text(title)}</h1><p class="opening">{_text(opening)}</p></header>'
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav><main>{body}</main></body></html>\n'
    )


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _text(text: str) -> str:
    """Return text as markup; a number and its per cent sign stay on one line."""
    return escape(text).replace(" %", "\u00a0%")
