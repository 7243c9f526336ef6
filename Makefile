# make run | test | lint | bench. The first call sets up .venv, which takes a few minutes and about 3 GB.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export OMP_WAIT_POLICY = PASSIVE

.PHONY: run test lint bench
.DELETE_ON_ERROR:

run: .venv/ready
	$(BIN)/alphakata run experiment=quickstart

test: .venv/ready
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered --cov-fail-under=90

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: .venv/ready
	for file in benchmarks/[!_]*.py; do $(BIN)/python $$file --quick || exit 1; done

# torch goes first, so that no other package's wish decides which build of it is taken.
.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
