import pytest

from calibration.experiments import subject_figures
from calibration.experiments.subject_figures import draw_subjects, subject_means
from calibration.head_pictures import disc_area

NAMES = ["Fz", "Cz", "Pz", "PO7", "PO8", "Oz"]
CHOSEN = {"svm": NAMES, "gsvm-2": ["Cz", "Pz"], "lda": NAMES}
AREAS = {"svm": (0.8, 0.7, 0.9), "gsvm-2": (0.85, 0.75, 0.88), "lda": (0.82, 0.71, 0.91)}


def cells_of(methods, names=NAMES):
    cells, results = [], []
    for subject in range(3):
        for split in range(2):
            for method in methods:
                cells.append(
                    {"protocol": "by-run", "subject": str(subject), "split": split,
                     "method": method}
                )  # fmt: skip
                sensors = [name for name in CHOSEN[method] if name in names]
                if method == "gsvm-2":
                    sensors = sensors[split:]
                results.append({"auc": AREAS[method][subject], "sensors": sensors})
    return cells, results


def drawn(folder, cells, results):
    means = subject_means(cells, results, "protocol")
    paths = draw_subjects(folder, "table", means, "three people")
    return {path.stem.removeprefix("table_"): path.read_text() for path in paths}


def test_subjects_are_drawn_from_cells_once_for_each_question(tmp_path):
    figures = drawn(tmp_path, *cells_of(CHOSEN))

    assert set(figures) == {"map", "counts", "gains"}
    # A method that uses every sensor has no map; one that chooses has.
    assert "gsvm-2, by-run" in figures["map"]
    assert "svm, by-run" not in figures["map"].replace("gsvm-2, by-run", "")
    assert "Pz" in figures["map"]
    assert "2 of 3" in figures["gains"]
    assert "3 of 3" in figures["gains"]


def test_discs_have_one_scale_and_titles_stay_within_the_figure(tmp_path, monkeypatch):
    cells, results = cells_of(["svm", "gsvm-2"])
    title = "30 recordings of 3 subjects"

    figures = []
    monkeypatch.setattr(subject_figures, "save", lambda figure, path: figures.append(figure))

    draw_subjects(tmp_path, "table", subject_means(cells, results, "protocol"), title)

    for figure in figures:
        words = figure.get_suptitle()
        place = next(text for text in figure.texts if text.get_text() == words)
        figure.canvas.draw()
        extent = place.get_window_extent()
        assert extent.x0 >= 0
        assert extent.x1 <= figure.bbox.x1
    # Chosen in half of the splits, and in all: by the legend's areas, not by the largest.
    sizes = figures[0].axes[0].collections[1].get_sizes()
    assert sorted(sizes) == pytest.approx([disc_area(0.5), disc_area(1.0)])


def test_a_sensor_counts_by_the_share_of_the_splits_that_use_it():
    means = subject_means(*cells_of(["gsvm-2"]), "protocol")

    assert [mean.chosen for mean in means] == [{"Cz": 0.5, "Pz": 1.0}] * 3
    assert [mean.n_sensors for mean in means] == [1.5] * 3
    assert [mean.auc for mean in means] == pytest.approx(AREAS["gsvm-2"])


def test_what_cells_do_not_say_is_not_drawn(tmp_path):
    cells, results = cells_of(["gsvm-2", "lda"])
    for cell in cells:
        del cell["subject"]

    assert drawn(tmp_path, cells, results) == {}
    assert set(drawn(tmp_path, *cells_of(["gsvm-2", "lda"]))) == {"map", "counts"}


def test_a_method_that_uses_every_sensor_has_no_map_where_a_subject_has_fewer(tmp_path):
    cells, results = cells_of(["svm", "lda"])
    for cell, result in zip(cells, results, strict=True):
        if cell["subject"] == "0":
            result["sensors"] = NAMES[:3]

    assert set(drawn(tmp_path, cells, results)) == {"counts", "gains"}


def test_a_cell_that_failed_is_left_out(tmp_path):
    cells, results = cells_of(CHOSEN)
    results[:6] = [None] * 6

    assert "2 of 2" in drawn(tmp_path, cells, results)["gains"]
