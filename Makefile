# `make` alone lists the targets. Everything lands in .venv, node_modules, static/dist and var: `make clean` removes all but var.
.POSIX:
.SUFFIXES:
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
ARGS =

PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
LOCK = $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock"

RUNTIME = $(VENV)/.runtime
DEV = $(VENV)/.dev
ASSETS = static/dist/.built
CATALOGUE = locale/zh_Hans/LC_MESSAGES/django

.PHONY: help run upgrade test check format bench screenshots assets messages lock audit clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) $(ASSETS) $(CATALOGUE).mo  ## start the portal (HOST, PORT, DATABASE_URL, CHAOYANG_PM_DATA_DIR; DEMO=0 without the demo city)
	@$(BIN)/python scripts/run.py

upgrade: $(RUNTIME) $(ASSETS) $(CATALOGUE).mo  ## after a new release: backup, migrations, reference data, checks
	@$(BIN)/python manage.py upgrade

test: $(DEV) $(ASSETS) $(CATALOGUE).mo  ## all tests, on PostgreSQL and SQLite (TEST_DATABASE_URL, TEST_REDIS_URL, ARGS="-k ledger")
	@$(BIN)/python scripts/test.py $(ARGS)

check: $(DEV) $(ASSETS) $(CATALOGUE).mo  ## style, types, layers, templates, migrations, settings, translations
	@$(BIN)/python scripts/check.py

format: $(DEV)  ## put Python and templates into the form that 'make check' asks for
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint templates --reformat --quiet || true

bench: $(DEV) $(ASSETS) $(CATALOGUE).mo  ## measurements against their bars (ARGS="-k export"; RECORD=1 keeps them in docs/bench; DATABASE_URL)
	@$(BIN)/python scripts/bench.py $(ARGS)

screenshots: $(DEV) $(ASSETS) $(CATALOGUE).mo  ## a picture of every page in both languages (OUT=folder, ARGS="register:"; README=1 renews docs/images)
	@$(BIN)/python scripts/screenshots.py $(ARGS)

assets: $(ASSETS)  ## bundle static/src into static/dist

messages: $(DEV)  ## bring the message catalogue up to date and name what is untranslated
	@$(BIN)/python scripts/messages.py update
	@$(BIN)/python scripts/messages.py compile
	@$(BIN)/python scripts/messages.py check

lock: $(DEV)  ## resolve requirements*.in and package.json anew (ARGS=--upgrade for newer versions)
	@for name in requirements requirements-dev requirements-node; do $(LOCK) $(ARGS) $$name.in -o $$name.txt || exit 1; done
	@$(BIN)/python scripts/assets.py lock

audit: $(DEV)  ## known vulnerabilities in the locked packages (asks the package registry)
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt

clean:  ## remove what can be made again (never var, which holds data)
	rm -rf $(VENV) node_modules static/dist $(CATALOGUE).mo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed and $(PYTHON) is not; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what the portal needs (requirements.txt)"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.txt
	@echo "Installing what tests and checks need (requirements-dev.txt)"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc requirements-node.txt | $(RUNTIME)
	@echo "Installing what the assets are made of (package-lock.json)"
	@$(BIN)/python scripts/assets.py install
	@touch $@

$(ASSETS): node_modules/.installed scripts/assets.mjs $(shell find static/src -type f)
	@$(BIN)/python scripts/assets.py build
	@touch $@

$(CATALOGUE).mo: $(CATALOGUE).po scripts/messages.py | $(RUNTIME)
	@$(BIN)/python scripts/messages.py compile
