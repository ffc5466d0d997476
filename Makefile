# Callboard's commands. Only Python 3.11 or newer and make are needed; everything else lands in .venv.
# `make help` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install install-dev run test lint format assets browser java screenshots bench docs lock clean

VENV := .venv
BIN := $(VENV)/bin
# The version check is in Python itself, because a `python3` that is too old must not win by its name.
FIND_PYTHON = for candidate in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	if "$$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	echo "$$candidate"; break; fi; done
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TESTS ?=

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

$(BIN)/python:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "Callboard needs Python 3.11 or newer with the venv module; none was found." >&2; \
		echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	echo "creating $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)

# Stamps say which lock the environment holds, so that a second run does nothing.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing Callboard from requirements.lock"
	@$(PIP_INSTALL) --require-hashes -r requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q callboard
	@$(BIN)/python -m callboard.precompile
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "installing the tools of the developers from requirements-dev.lock"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed ## create .venv with the command .venv/bin/callboard
install-dev: $(VENV)/.installed-dev ## the same, with what tests and checks need

run: install ## serve the example organisation; ARGS="PATH --port 8000" serves something else
	@$(BIN)/callboard serve $(ARGS)

test: install-dev lint browser java ## run the checks and every test, on SQLite and PostgreSQL; TESTS=tests/core runs a part
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

lint: install-dev ## style, format, strict types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install-dev ## put the code into the one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

assets: install-dev ## bundle the portal's styles, scripts and icons into callboard/web/static
	@$(BIN)/python -m tests.node callboard/web/assets build.mjs callboard/web/static

# No stamp: the browser belongs to the machine, not to .venv, and looking for it takes a moment.
browser: install-dev ## find a Chromium for the tests, or install one
	@$(BIN)/python -m tests.browser.chromium

java: install-dev ## find a Java for the tests of the pipelines on Spark, or install one
	@$(BIN)/python -m tests.pipelines.java

screenshots: install-dev browser ## picture every page of the example organisation into docs/screenshots
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

bench: install-dev browser ## measure start, queries, memory, pages, permissions, installing; prints each stage
	@$(BIN)/python -m bench $(ARGS)

docs: install-dev ## build the documentation into site/
	@$(BIN)/mkdocs build --strict

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock" $(UPGRADE)

lock: install-dev ## resolve the dependencies anew into both locks; UPGRADE=--upgrade takes newer versions
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group build --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove the environment, caches and built files; data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis site dist
	rm -rf tests/client/node_modules tests/browser/node_modules callboard/web/assets/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
