"""Sphinx: the pages beside this file, and the API from the docstrings."""

from importlib.metadata import version as version_of
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from numpydoc import docscrape_sphinx

project = "bci-online"
version = release = version_of("bci-online")

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]

html_theme = "furo"
html_title = f"{project} {version}"
html_show_copyright = False
myst_heading_anchors = 3

# scikit-learn gives every estimator methods whose docstrings point into its own manual.
ROUTING = "decision_function fit predict predict_proba score".split()
autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "exclude-members": ", ".join(f"set_{name}_request" for name in ROUTING),
}
# Shapes and units stand in the docstrings; NDArray[np.float64] would be spelled out in full.
autodoc_typehints = "none"
# A word in single backticks is code; few of them are names that Sphinx could link.
default_role = "code"
numpydoc_show_class_members = False
# A name that leads nowhere is a warning. These are excepted, because Python's manual is not here.
nitpicky = True
nitpick_ignore = [("py:class", f"collections.abc.{name}") for name in ("Callable", "Sequence")]


ENVIRONMENTS: dict[type, SandboxedEnvironment] = {}


def _same_environment(loader: Any) -> SandboxedEnvironment:
    return ENVIRONMENTS.setdefault(type(loader), SandboxedEnvironment(loader=loader))


# Else numpydoc compiles its template for each of 2600 docstrings: a fifth of the time.
docscrape_sphinx.SandboxedEnvironment = _same_environment
