import pytest

from bci_online.config import ImagerySpec, read_config
from bci_online.errors import ConfigError


@pytest.mark.parametrize(
    ("classes", "said", "expected"),
    [
        (("left_hand", "right_hand"), {}, "left right"),
        (("left_hand", "right_hand", "feet", "tongue"), {}, "left right down up"),
        (("hands", "feet"), {}, "up down"),
        (("feet", "left_hand"), {"feet": "up"}, "up left"),
        (("words", "left_hand"), {}, "right left"),
        (("tongue", "hands"), {}, "up left"),
        (("left_hand", "rest"), {}, "left none"),
        (("left_hand", "rest"), {"rest": "down"}, "left down"),
        (("a", "b", "c", "d", "e"), {}, "left right up down none"),
    ],
)
def test_classes_point_as_said_else_as_usual_else_where_nobody_does(classes, said, expected):
    directions = ImagerySpec(directions=said).directions_of(classes)

    assert " ".join(directions.get(name, "none") for name in classes) == expected


def test_two_classes_that_are_said_to_point_to_one_side_are_one_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'paradigm = "motor_imagery"\n[presentation]\nclasses = ["feet", "tongue"]\n'
        '[imagery.directions]\nfeet = "up"\ntongue = "up"\n',
        encoding="utf-8",
    )

    with pytest.raises(ConfigError, match="feet and tongue both point up") as caught:
        read_config(path)

    assert "\n" not in str(caught.value)


def test_a_direction_that_does_not_exist_is_one_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[imagery.directions]\nfeet = "below"\n', encoding="utf-8")

    with pytest.raises(ConfigError, match="below") as caught:
        read_config(path)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("classes", ["[]", '["feet"]', '["feet", "feet"]', '["feet", ""]'])
def test_classes_that_leave_nothing_to_decide_are_one_line(classes, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        f'paradigm = "motor_imagery"\n[presentation]\nclasses = {classes}\n', encoding="utf-8"
    )

    with pytest.raises(ConfigError, match="classes must be two or more different names") as caught:
        read_config(path)

    assert "\n" not in str(caught.value)


def test_imagery_may_be_distinguished_from_rest(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'paradigm = "motor_imagery"\n[presentation]\nclasses = ["feet", "rest"]\n',
        encoding="utf-8",
    )

    assert read_config(path).presentation.classes == ("feet", "rest")
