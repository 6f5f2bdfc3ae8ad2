# Two commands do everything on a fresh machine; the README shows the pip equivalents.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-output

.PHONY: demo test lint clean

# torch is pinned to a CPU build here and there only; see constraints.txt.
$(BIN)/.core: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(BIN)/.dev: $(BIN)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[all,dev]"
	touch $@

demo: $(BIN)/.core
	mkdir -p $(OUT)
	$(BIN)/bci-online simulate --config configs/simulated_p300.toml --word THEQUICKFOX --seed 1 -o $(OUT)/calibration.xdf
	$(BIN)/bci-calibrate train $(OUT)/calibration.xdf --config configs/simulated_p300.toml --method gsvm-2 -o $(OUT)/demo.decoder
	$(BIN)/bci-online simulate --config configs/simulated_p300.toml --word BCI --seed 2 -o $(OUT)/session.xdf
	$(BIN)/bci-online replay $(OUT)/session.xdf --decoder $(OUT)/demo.decoder

test: $(BIN)/.dev
	$(BIN)/python -m pytest

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) $(OUT) build *.egg-info
