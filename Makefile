# Two commands for a newcomer: `make demo` and `make test`. Each does all its own set-up.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=
# Tests that start servers mostly wait: those of Kafka, of databases, and of faults run beside each other.
BESIDE := -n 3 --dist loadgroup

.PHONY: help demo test lint unit compiled bench bench-sources faults fuzz dashboards clean

help:
	@echo "make demo                a simulated company with a leak in it, on an embedded broker (no Java, no Docker)"
	@echo "make demo ARGS=--json    the same, with one JSON line last"
	@echo "make test                everything: style, types, unit, integration on real servers, faults"
	@echo "make unit                style, types and unit tests only"
	@echo "make faults ARGS=--long  the fault suite alone, for longer"
	@echo "make bench               speed in five tables: beside others, stage by stage, latency, growth, workers"
	@echo "make bench ARGS=--core   one of them alone: --core, --stages, --latency, --growth, --workers"
	@echo "make compiled            the hot rooms compiled, in build/compiled; then: PYTHONPATH=build/compiled streamguard ..."
	@echo "make bench-sources       microseconds per audit record, for every format"
	@echo "make bench-ledger        what the scope ledger costs, on disk and per activity, and how fast it answers"
	@echo "make fuzz                ten minutes of coverage-guided fuzzing of everything that reads bytes"
	@echo "make dashboards          write dashboards/*.json anew"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else f"StreamGuard needs Python 3.11 to 3.13, this is {v.major}.{v.minor}: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/streamguard demo $(ARGS)

test: lint
	tests/install-servers
	$(BIN)/python -m pytest $(BESIDE) $(ARGS)

unit: lint
	$(BIN)/python -m pytest $(BESIDE) tests/unit tests/contracts $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

faults: $(VENV)/.dev
	$(BIN)/python -m pytest tests/faults -m faults $(ARGS)

compiled: build/compiled

build/compiled: hatch_build.py pyproject.toml $(shell find streamguard -name '*.py') | $(VENV)/.dev
	$(BIN)/python hatch_build.py $@
	@touch $@

bench: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

bench-sources: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m bench.sources $(ARGS)

bench-ledger: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m bench.ledger $(ARGS)

fuzz: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

dashboards: $(VENV)/.dev
	$(BIN)/python dashboards/generate.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
