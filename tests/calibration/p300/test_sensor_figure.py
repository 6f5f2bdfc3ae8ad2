"""The picture of AUC against the number of sensors."""

import numpy as np
import pytest

from calibration.p300.sensor_figure import draw_paths
from calibration.picture_files import is_picture
from calibration.sparse.sensor_path import SensorPath
from calibration.sparse.sensor_ranking import Ranking

NOBODY = Ranking(np.empty(0, int), np.empty(0), np.empty(0))


def path_of(auc: list[float], half: float) -> SensorPath:
    values = np.array(auc)
    return SensorPath(NOBODY, np.array([1, 2, 5]), values, values - half, values + half)


@pytest.mark.parametrize("name", ["path.png", "path.svg", "PATH.PNG", "PATH.SVG"])
def test_a_picture_is_what_its_name_says(tmp_path, name) -> None:
    paths = {"gsvm-2": path_of([0.6, 0.7, 0.71], 0.02), "gsvm-a": path_of([0.6, 0.7, 0.7], np.nan)}
    points = [("decoder", 2, 0.69, (0.6, 0.75)), ("no interval", 5, 0.7, (np.nan, np.nan))]

    draw_paths(paths, points, tmp_path / name)

    assert is_picture(tmp_path / name)


def test_the_same_picture_is_the_same_file(tmp_path) -> None:
    for name in ("one.svg", "two.svg"):
        draw_paths({"gsvm-2": path_of([0.6, 0.7, 0.71], 0.02)}, [], tmp_path / name)

    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_rings_are_left_out_where_nothing_may_be_chosen(tmp_path) -> None:
    paths = {"gsvm-2": path_of([0.6, 0.7, 0.71], 0.02)}

    draw_paths(paths, [], tmp_path / "with.svg")
    draw_paths(paths, [], tmp_path / "without.svg", rings=False)

    with_rings = (tmp_path / "with.svg").read_text(encoding="utf-8")
    assert "2 within one standard error" in with_rings
    assert "standard error" not in (tmp_path / "without.svg").read_text(encoding="utf-8")


def test_another_file_is_no_picture(tmp_path) -> None:
    for name in ("notes.txt", "notes.svg", "notes.png"):
        (tmp_path / name).write_text("words", encoding="utf-8")

        assert not is_picture(tmp_path / name)
