# Two commands do everything on a fresh machine; the README shows the pip equivalents.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-output

# Without compiled files every program that the tests start compiles the packages again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo check test test-quick test-rest test-live lint docs bench faults constraints clean

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

# For while one works: lint, and all tests that are neither live nor slow, side by side.
check: $(BIN)/.dev
	$(MAKE) --no-print-directory -j2 lint test-quick

# All tests. A live session waits most of the time: four at once, each worker on LSL streams of its
# own, while the others compute.
test: $(BIN)/.dev
	$(MAKE) --no-print-directory -j2 test-live test-rest

test-quick: $(BIN)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not live and not slow" \
		--hypothesis-profile quick

# Sessions come first on the processor: what computes can wait, and a frame cannot.
test-rest: $(BIN)/.dev
	nice -n 10 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not live" --durations=20

# One test at a time, the longest first (tests/conftest.py): none of them is left alone at the end.
# A test that failed runs again alone, and both results are printed: a fault of ours fails twice, a
# computer that was too busy for a while does not.
LIVE := $(BIN)/python -m pytest -m live -o cache_dir=build/live-tests
test-live: $(BIN)/.dev
	$(LIVE) -n 4 --dist load --maxschedchunk 1 --durations=20 \
	  || $(LIVE) --last-failed --last-failed-no-failures none

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The site: build/docs/index.html. A warning is an error; nothing is fetched.
docs: $(BIN)/.dev
	$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs

# What everything costs, beside others: docs/benchmarks.md. DATA: a folder of p300_wadsworth; PEERS:
# Pythons with what is not in .venv: adelie, which pins an old numpy, and this project with mne-lsl.
bench: $(BIN)/.dev
	$(BIN)/python -m benchmarks.bench $(if $(DATA),--data $(DATA)) \
		$(if $(PEERS),--peers-python $(PEERS))

# Faults of every kind, for some hours; it goes on where it was stopped. PEER: a Python with mne-lsl.
faults: $(BIN)/.dev
	$(BIN)/python -m benchmarks.faults $(if $(PEER),--peer $(PEER))

# The newest versions that the tests pass with; all but torch, which stays as it is pinned.
constraints: $(BIN)/.dev
	mkdir -p build
	grep '^torch==' constraints.txt > build/pinned.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade \
	  --upgrade-strategy eager -c build/pinned.txt -e ".[all,dev]"
	$(MAKE) test
	$(BIN)/python .ci/constraints.py

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info
