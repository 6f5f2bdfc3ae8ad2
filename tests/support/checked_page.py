"""What a page must be, checked by the standard library's own parser."""

from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "br", "img", "link", "hr", "input"}
LOADING = {"src", "href", "data", "action", "srcset", "poster", "background"}


class Page(HTMLParser):
    """Reads a page; what is wrong with it is in `faults`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.faults: list[str] = []
        self.pictures: list[str] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self._open: list[str] = []
        self._ids: set[str] = set()
        self._links: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is left open" for tag in self._open]
        self.faults += [f"{link} leads nowhere" for link in self._links if link not in self._ids]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._look(tag, dict(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self._look(tag, dict(attrs))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        if "style" not in self._open:
            self.words.append(data)
        for outside in ("@import", "http:", "https:", "url(//"):
            if outside in data and "style" in self._open:
                self.faults.append(f"the style sheet loads: {outside}")

    def _look(self, tag, attributes):
        if tag in {"svg", "img"}:
            told = attributes.get("aria-label") or attributes.get("alt") or ""
            self.pictures.append(told)
            if not told.strip():
                self.faults.append(f"<{tag}> says nothing to who cannot see it")
        if tag in {"script", "iframe", "object", "embed", "link", "base", "form"}:
            self.faults.append(f"<{tag}> has no place here")
        name = attributes.get("id")
        if name is not None and tag != "use":
            if name in self._ids:
                self.faults.append(f"two elements are called {name}")
            self._ids.add(name)
        for key, value in attributes.items():
            if key.startswith("on"):
                self.faults.append(f"<{tag} {key}> could run something")
            if key in LOADING and value is not None:
                if value.startswith("#"):
                    self._links.append(value[1:])
                elif not value.startswith("data:image/png;base64,"):
                    self.faults.append(f"<{tag} {key}> loads {value[:40]}")
            if value is not None and "url(" in value and "url(#" not in value:
                self.faults.append(f"<{tag} {key}> loads {value[:40]}")


def page_of(path: Path) -> Page:
    """Return a page that was written, once nothing is wrong with it."""
    page = Page(path.read_text(encoding="utf-8"))
    assert page.faults == []
    return page
