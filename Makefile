# Contact Gateway. `make demo` and `make test` need Python 3.11 or later on PATH and nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV    ?= .venv
PY      := $(VENV)/bin/python
READY   := $(VENV)/.ready
WORKERS ?= 2
ROUNDS  ?= 50
REQUESTS ?= 10000
ARGS    ?=

# A caller's own Python settings must not leak into the environment made here.
unexport PYTHONHOME PYTHONPATH

.PHONY: help
help:  ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY)  ## Start the gateway with a simulated bank and a day's requests, and keep serving
	@$(PY) -m service demo $(ARGS)

.PHONY: test
test: lint  ## Everything: style, types, import contracts, all tests on SQLite and PostgreSQL
	@$(PY) -m pytest -n $(WORKERS) $(ARGS)

.PHONY: lint
lint: $(READY)  ## Style, types and import contracts alone
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/mypy --no-error-summary
	@$(VENV)/bin/lint-imports --no-logo --config pyproject.toml > $(VENV)/contracts.log || { cat $(VENV)/contracts.log; exit 1; }
	@echo "style, types and import contracts: no complaint"

.PHONY: format
format: $(READY)  ## Put the code into the house's shape
	@$(VENV)/bin/ruff check --fix --quiet . || true
	@$(VENV)/bin/ruff format .

.PHONY: faults
faults: $(READY)  ## Races, kill -9 and a provider that misbehaves, many times (ROUNDS=50 REQUESTS=10000), laws by fresh chance
	@LAWS=fresh FAULT_ROUNDS=$(ROUNDS) FAULT_REQUESTS=$(REQUESTS) $(PY) -m pytest tests/race tests/core -n $(WORKERS) $(ARGS)

.PHONY: bench
bench: $(READY)  ## Measure against a bare route and an obvious handler, side by side
	@$(PY) -m service bench $(ARGS)

.PHONY: lock
lock: $(READY)  ## Write requirements/*.txt from pyproject.toml (UPGRADE=1 takes newer releases)
	@sh requirements/lock.sh $(PY) $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean:  ## Remove the environment and every cache; ./var with its data stays
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: install
install: $(READY)  ## Make the environment alone

$(READY): requirements/dev.txt requirements/install.sh
	@sh requirements/install.sh $(VENV) requirements/dev.txt
	@touch $@
