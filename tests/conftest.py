import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real recordings; what needs it is skipped, and seen to be, where it is absent.

    ``BCI_ONLINE_DATA`` names it; else it is ``shared/data`` next to the project.
    """
    folder = Path(os.environ.get("BCI_ONLINE_DATA", PROJECT.parent / "shared" / "data"))
    if not (folder / "README.md").is_file():
        pytest.skip(f"no recordings in {folder} (set BCI_ONLINE_DATA)")
    return folder
