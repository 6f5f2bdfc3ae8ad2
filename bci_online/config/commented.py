"""A configuration file with every key, its default, and beside it what the key means."""

import textwrap
from itertools import groupby

from bci_online.config.keys import ConfigKey, config_keys, described
from bci_online.config.sections import Config
from bci_online.toml_text import toml_entry, toml_value

__all__ = ["commented_toml"]

WIDTH = 100
COLUMN = 33
"""Where comments begin."""

LEFT_OUT = ("simulation",)
"""Tables that say something by being there: they stand behind the sign of a comment."""

HEAD = """\
# Every key of a configuration, with its default. All of them may be left out; a configuration needs
# only what differs. Beside a key: its unit, what may stand there, and what it means.
"""


def commented_toml() -> str:
    """Return a configuration file with every key.

    Returns
    -------
    text : str
        It reads as the defaults.

    See Also
    --------
    bci_online.config.keys.config_keys : What it is made from.

    Examples
    --------
    >>> print(next(line for line in commented_toml().splitlines() if line.startswith("order")))
    order = 2                        # 1 to 8. Order of each edge; a higher one settles more slowly.
    """
    about = described(Config)
    parts = [HEAD]
    for table, keys in groupby(config_keys(), key=lambda key: key.table):
        if table:
            head = f"# [{table}]" if table in LEFT_OUT else f"[{table}]"
            parts.append("\n" + _beside(head, about.get(table, "")))
        parts += [_beside(_entry(key), _comment(key)) for key in keys]
    return "".join(parts)


def _entry(key: ConfigKey) -> str:
    # TOML has no word for none: the key is there for whoever takes away the sign.
    entry = toml_entry(key.name, True if key.default is None else key.default)
    return f"# {entry}" if key.default is None or key.table in LEFT_OUT else entry


def _comment(key: ConfigKey) -> str:
    may_be = [key.bounds.words] if key.bounds and key.kind == "number" else []
    may_be += [toml_value(choice) for choice in key.choices]
    *others, last = may_be or [""]
    choices = f"{', '.join(others)} or {last}" if others else last
    facts = ", ".join(filter(None, (key.unit, choices)))
    return f"{facts}. {key.help}" if facts else key.help


def _beside(entry: str, comment: str) -> str:
    """Return an entry with a comment of as many lines as it needs, all in one column."""
    is_long = len(entry) > COLUMN - 2
    lines = textwrap.wrap(comment, WIDTH - COLUMN - 2, break_on_hyphens=False) or [""]
    starts = [entry, *[""] * len(lines)] if is_long else [entry, *[""] * (len(lines) - 1)]
    texts = ["", *lines] if is_long else lines
    rows = (
        f"{start:<{COLUMN}}# {text}" if text else start
        for start, text in zip(starts, texts, strict=True)
    )
    return "\n".join(rows) + "\n"
