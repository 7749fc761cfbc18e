# Targets call `hub …` and the usual tools; what they do is in the code.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
SOURCES := hub connectors schemas dags
export PIP_ROOT_USER_ACTION := ignore

.PHONY: setup demo test test-long pictures lint format pins

setup: $(VENV)/installed

demo: setup
	$(BIN)/hub demo

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests

test-long: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q -m long tests

# The README's pictures of the console, as its tests see it.
pictures: $(VENV)/installed-dev
	SCREENSHOTS=tests/console/pictures $(BIN)/python -m pytest -q tests/console/test_pictures.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Versions and hashes for good, without the address of any index.
pins: $(VENV)/installed-dev
	$(BIN)/uv pip compile $(PINNED) requirements.in -o requirements.txt
	$(BIN)/uv pip compile $(PINNED) -c requirements.txt requirements-dev.in -o requirements-dev.txt

PINNED := --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make pins"

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	-$(BIN)/hub libraries
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	$(PIP) --require-hashes -r requirements-dev.txt
	touch $@
