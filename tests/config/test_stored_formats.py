"""What is stored stays readable: a field that files have is neither lost nor read in another way.

`formats.json` of a version in `tests/released` has the fields of a decoder's header, of a session's
configuration, and of the lines in a recording. A new field needs a default and nothing else. Where
one must change or go: raise `format_version`, and translate the older form where it is read, in
`bci_online.decoding.decoder_file`, `bci_online.config.reading` or `bci_online.session_lines`. A
release writes its own: ``python tests/config/test_stored_formats.py tests/released/VERSION``.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bci_online.config import Config, DecoderHeader
from bci_online.messages import DecisionLine
from bci_online.notes import AnyNote
from bci_online.session_lines import JournalLine

RELEASED = Path(__file__).resolve().parents[1] / "released"
STORED = sorted(RELEASED.glob("*/formats.json"))
FORMATS = (DecoderHeader, Config, DecisionLine, *JournalLine.__args__, *AnyNote.__args__)


def fields() -> dict[str, dict[str, Any]]:
    """Return for each struct its fields, and which of them must be there."""
    structs = [one for one in FORMATS if hasattr(one, "__struct_fields__")]
    _, components = msgspec.json.schema_components(structs)
    return {
        name: {
            "properties": {key: plain(one) for key, one in schema["properties"].items()},
            "required": sorted(schema.get("required", [])),
        }
        for name, schema in sorted(components.items())
        if "properties" in schema
    }


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema as JSON has it; defaults of whole tables follow from their fields."""
    kept: dict[str, Any] = json.loads(json.dumps(schema))
    return {key: one for key, one in kept.items() if key != "default" or not isinstance(one, dict)}


def broken(stored: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return which files of the stored form cannot be read now as they were."""
    found = []
    for name, was in stored.items():
        has = now.get(name, {"properties": {}, "required": []})
        for key, schema in was["properties"].items():
            if key not in has["properties"]:
                found.append(f"{name}.{key} is gone")
            elif has["properties"][key] != schema:
                found.append(f"{name}.{key} is read in another way")
        found += [
            f"{name}.{key} has no default, and files lack it"
            for key in has["required"]
            if key not in was["required"]
        ]
    return found


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.parent.name)
def test_every_field_that_files_have_is_read_as_it_was(stored):
    assert broken(json.loads(stored.read_text(encoding="utf-8")), fields()) == []


def test_a_field_that_is_lost_changed_or_demanded_is_named():
    class Before(msgspec.Struct):
        a: int
        b: float = 0.0
        c: str = ""

    class After(msgspec.Struct):
        a: int
        d: str
        b: int = 0

    forms = []
    for one in (Before, After):
        _, components = msgspec.json.schema_components([one])
        [schema] = components.values()
        forms.append({"Header": {"required": [], **schema}})

    assert broken(*forms) == [
        "Header.b is read in another way",
        "Header.c is gone",
        "Header.d has no default, and files lack it",
    ]
    assert broken(forms[0], forms[0]) == []


if __name__ == "__main__":
    text = json.dumps(fields(), indent=1, sort_keys=True)
    (Path(sys.argv[1]) / "formats.json").write_text(text + "\n", encoding="utf-8")
