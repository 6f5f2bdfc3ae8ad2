# Two commands do everything on a fresh machine; the README shows the pip equivalents.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-output

.PHONY: demo check test lint docs constraints clean

# torch is pinned to a CPU build here and there only; see constraints.txt.
$(BIN)/.core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(BIN)/.dev: $(BIN)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[all,dev]"
	touch $@

demo: $(BIN)/.core
	$(BIN)/bci-online demo --output $(OUT)

# The quick half of what must pass, for while one works: nothing live, nothing slow.
check: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not live and not slow"

# All of it. Live sessions wait for real time: two at once, each on LSL streams of its own.
test: $(BIN)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal --durations=20

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The site: build/docs/index.html. A warning is an error; nothing is fetched.
docs: $(BIN)/.dev
	$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs

# The newest versions that the tests pass with; all but torch, which stays as it is pinned.
constraints: $(BIN)/.dev
	mkdir -p build
	grep '^torch==' constraints.txt > build/pinned.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade \
	  --upgrade-strategy eager -c build/pinned.txt -e ".[all,dev]"
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python .ci/constraints.py

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info
