"""What is written as TOML is read again unchanged, whatever names a recording holds."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bci_online.toml_text import toml_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = TEXT | st.booleans() | st.integers(-(10**9), 10**9) | st.lists(TEXT, max_size=3)
KEYS = st.sampled_from(["name", "exclude", "unit"])
TABLES = st.dictionaries(st.sampled_from(["eeg", "markers"]), st.dictionaries(KEYS, VALUES))


@given(tables=TABLES, rules=st.lists(st.dictionaries(KEYS, TEXT, min_size=1), min_size=1), why=TEXT)
def test_tables_and_reasons_are_read_again(tables, rules, why):
    tables = {name: table for name, table in tables.items() if table}
    tables["layout"] = {"translate": rules, "numbering": "rows-first"}

    text = toml_text(tables, {"eeg.name": why, "markers.exclude": why})

    assert tomllib.loads(text) == tables
