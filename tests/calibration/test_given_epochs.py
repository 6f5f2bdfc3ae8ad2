"""Whatever is handed over as epochs or labels, an error is one line that names it."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import calibration
from calibration.given_epochs import as_labels, check_epochs

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 4, 6)), np.arange(40) % 2
X[Y == 1, 1] += 1.0
SUBJECTS = np.repeat(["ada", "ben"], 20)

ESTIMATORS = {
    "GroupSVM": calibration.GroupSVM(),
    "MultiTaskGroupSVM": calibration.MultiTaskGroupSVM(),
    "ShrinkageLDA": calibration.ShrinkageLDA(),
    "BlockToeplitzLDA": calibration.BlockToeplitzLDA(),
    "XdawnLDA": calibration.XdawnLDA(),
    "CspLDA": calibration.CspLDA(),
}


def with_value(value, dtype=float):
    changed = X.astype(dtype)
    changed[3, 0, 0] = value
    return changed


EPOCHS = {
    "none": None,
    "nan": with_value(np.nan),
    "infinity": with_value(np.inf),
    "a None among them": with_value(None, object),
    "a text among them": with_value("a", object),
    "texts": X.astype(str),
    "complex": X + 1j,
    "dates": X.astype("datetime64[s]"),
    "sparse": sparse.csr_array(X.reshape(40, -1)),
    "a number": 3.0,
    "one axis": X[:, 0, 0],
    "no channel": X[:, :0],
    "of unequal shapes": [X[0], X[0, :3]] * 20,
}
LABELS = {
    "none": None,
    "nan": np.where(Y, 1.0, np.nan),
    "complex": Y + 1j,
    "of two types": ["target", 1] * 20,
    "too few": Y[:5],
    "one class": np.zeros(40),
    "measured": RNG.normal(size=40),
}


def of(name):
    """Return an estimator, and what its methods take beside the epochs."""
    return clone(ESTIMATORS[name]), (SUBJECTS,) if name.startswith("Multi") else ()


def said_in_one_line(caught):
    text = str(caught.value)
    assert text
    assert "\n" not in text


@pytest.mark.parametrize("given", EPOCHS)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_epochs_that_are_none_are_refused_in_one_line(name, given):
    model, beside = of(name)

    with pytest.raises((ValueError, TypeError)) as caught:
        model.fit(EPOCHS[given], Y, *beside)
    said_in_one_line(caught)

    model.fit(X, Y, *beside)
    with pytest.raises((ValueError, TypeError)) as caught:
        model.predict(EPOCHS[given], *beside)
    said_in_one_line(caught)


@pytest.mark.parametrize("given", LABELS)
@pytest.mark.parametrize("name", ESTIMATORS)
def test_labels_that_are_none_are_refused_in_one_line(name, given):
    model, beside = of(name)

    with pytest.raises(ValueError, match=r"y|[Ll]abel") as caught:
        model.fit(X, LABELS[given], *beside)
    said_in_one_line(caught)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_that_is_not_fitted_says_so(name):
    model, beside = of(name)

    with pytest.raises(NotFittedError):
        model.predict(X, *beside)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name != "CspLDA"])
def test_epochs_of_another_shape_than_in_the_training_are_told_by_both_shapes(name):
    model, beside = of(name)
    model.fit(X, Y, *beside)

    for other in (X.reshape(40, -1), X[:, :3], X[:, :, :3], X[:, None]):
        with pytest.raises(ValueError, match=r"epochs of shape \(4, 6\) as in fit, got \("):
            model.predict(other, *beside)


def test_a_table_of_features_is_told_by_its_number_of_columns():
    model = calibration.GroupSVM().fit(X.reshape(40, -1), Y)

    with pytest.raises(ValueError, match="X has 5 features, but GroupSVM is expecting 24"):
        model.predict(X.reshape(40, -1)[:, :5])


@pytest.mark.parametrize("subjects", [["ada", 1] * 20, ["ada", None] * 20, ["ada", np.nan] * 20])
@pytest.mark.parametrize("CV", [False, True])
def test_subjects_of_two_types_are_refused(subjects, CV):
    model = calibration.MultiTaskGroupSVMCV() if CV else calibration.MultiTaskGroupSVM()

    with pytest.raises(ValueError, match=r"subjects must be labels of one type .*, got .* and str"):
        model.fit(X, Y, subjects)


def test_subjects_whose_epochs_differ_in_shape_are_refused():
    parts = [*X[:20], *X[20:, :3]]

    with pytest.raises(ValueError, match=r"parts of one shape, got \[\(3, 6\), \(4, 6\)\]"):
        calibration.MultiTaskGroupSVM().fit(parts, Y, SUBJECTS)


def test_numbers_in_a_list_become_an_array_and_stay_unchanged():
    np.testing.assert_array_equal(check_epochs(X.tolist()), X)
    assert check_epochs(X) is X
    assert check_epochs(X[:0]).shape == (0, 4, 6)
    np.testing.assert_array_equal(as_labels("y", ["b", "a"]), ["b", "a"])
    np.testing.assert_array_equal(as_labels("y", [1, 2.5]), [1, 2.5])
