from pathlib import Path

from bci_online.__main__ import app
from bci_online.config import Config, read_config, read_tables
from bci_online.config.commented import commented_toml
from bci_online.config.keys import config_keys, described
from bci_online.console import run

SPELLER = Path(__file__).parents[2] / "configs" / "p300_speller.toml"
TABLES = {name for name in Config.__struct_fields__ if name != "paradigm"}
# A name that ends so says its unit.
ENDINGS = {
    "_ms": "ms", "_s": "s", "_hz": "Hz", "_freq": "Hz", "_db": "dB", "_uv": "µV", "_mv": "mV",
    "_per_min": "1/min", "_per_minute": "1/min", "_delay": "s", "sfreq": "Hz",
}  # fmt: skip


def test_every_key_says_what_it_means_in_sentences_and_a_number_its_range_and_unit():
    for key in config_keys():
        units = [unit for ending, unit in ENDINGS.items() if key.name.endswith(ending)]

        assert key.help.endswith("."), key.path
        assert not units or key.unit in units, key.path
        assert (key.bounds is not None) == (key.kind == "number" or key.path == "markers.channel")


def test_no_key_and_no_table_is_left_out():
    assert {key.table for key in config_keys()} == TABLES | {""}
    assert set(described(Config)) == TABLES | {"paradigm"}
    for table in TABLES:
        struct = type(getattr(Config(), table))
        names = [key.name for key in config_keys() if key.table == table]
        assert names == list(struct.__struct_fields__)
        assert set(described(struct)) == set(names)


def test_the_file_with_every_key_is_what_the_command_prints(capsys):
    assert run(app, ["config"]) == 0
    printed = capsys.readouterr().out

    assert printed == commented_toml()
    # If not: bci-online config > configs/p300_speller.toml
    assert SPELLER.read_text(encoding="utf-8") == printed
    assert read_config(SPELLER) == Config()
    shown = [line.removeprefix("# ").partition(" = ")[0] for line in printed.splitlines()]
    assert [name for name in shown if name in {key.name for key in config_keys()}] == [
        key.name for key in config_keys()
    ]
    assert "simulation" not in read_tables(SPELLER)
