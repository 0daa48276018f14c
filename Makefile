# Fangkong: two commands do everything. `make run` opens the demonstration city, `make test` runs all tests.

PYTHON ?= $(shell for v in 3.11 3.12 3.13 3; do p=$$(command -v python$$v 2>/dev/null) && "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run setup test check bench e2e deep assets lock clean

run: setup  ## set up, load the demonstration city, run its day, serve the console on 127.0.0.1:8000
	@$(BIN)/fangkong demo
	@$(BIN)/fangkong serve

setup: $(VENV)/.ready  ## make .venv and install the locked dependencies into it

$(VENV)/.ready: pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "Fangkong needs Python 3.11 or newer; none was found. Set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv (about a minute)…"
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $@

test: setup  ## all tests: SQLite, PostgreSQL, browser
	@$(BIN)/python scripts/run_tests.py

check: setup  ## lint, format, types, arrows, colours
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/check_tokens.py
	@$(BIN)/python scripts/assets.py --check

bench: setup  ## every performance claim, as ratios in one run
	@$(BIN)/python -m benchmarks

e2e: setup  ## browser tests only
	@$(BIN)/python scripts/run_tests.py --only e2e

deep: setup  ## long property runs, and the parsers of received files fuzzed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev,deep]'
	@FANGKONG_DEEP=1 $(BIN)/python -m pytest -q src tests -k "hypothesis or property or order_of_arrival"

assets: setup  ## refresh the bundled web assets from the pinned npm packages
	@$(BIN)/python -m pip install --quiet -c requirements.lock -e '.[assets]'
	@$(BIN)/python scripts/assets.py

lock:  ## write requirements.lock anew from pyproject.toml
	@uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links --all-extras --upgrade pyproject.toml -o requirements.lock

clean:  ## remove the virtual environment and the demonstration installation
	rm -rf $(VENV) var
