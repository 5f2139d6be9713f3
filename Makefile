# Two commands matter: `make demo` shows the product, `make test` proves it. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CORES ?= 2
FAST := not engine and not browser and not crash and not long and not nightly

# The files of the fast tests lie in memory where it has 4 GB of room: flushing them to a disk takes half the time.
ROOM := 4000000
in_memory = free=$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }') && \
    folder=$$(test "$${free:-0}" -gt $(ROOM) && test -w /dev/shm && echo /dev/shm || echo "$${TMPDIR:-/tmp}") && \
    place=$$(mktemp -d -p "$$folder" suishi-tests-XXXXXX) && \
    trap 'rm -rf "$$place"' EXIT && TMPDIR="$$place" $(BIN)/python -m pytest

.PHONY: help demo test check lint fast slow pages nightly setup lock bench pictures clean

help:
	@echo "make demo      the township's year in a running page, with an outbox in place of real channels"
	@echo "make test      everything that is checked: style, types, layers, tests on both databases, flows, pages"
	@echo "make fast      the fast tests alone, on SQLite"
	@echo "make nightly   long searches and every fault at full size"
	@echo "make bench     the figures of docs/benchmarks.md"
	@echo "make pictures  the screenshots of docs/img (needs Chromium)"
	@echo "make lock      resolve requirements.lock anew (needs uv)"

setup: $(READY)

# uv when it is there, else the standard tools; both install exactly what the lock names, checked by hash.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Suishi needs Python 3.11 or newer; say which: make PYTHON=python3.11 …")'
	@if command -v uv >/dev/null 2>&1; then \
	    uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	    VIRTUAL_ENV=$(VENV) uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock && \
	    VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation --editable . ; \
	else \
	    echo "Setting up $(VENV): about two minutes the first time" && \
	    $(PYTHON) -m venv $(VENV) && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; \
	fi
	@touch $(READY)

demo: $(READY)
	@$(BIN)/suishi demo

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/mypy

fast: $(READY)
	@$(in_memory) -n $(CORES) -m "$(FAST) and not postgres"

# The fast ones side by side. Then what starts servers and kills, and beside it the long searches and the pages in a browser,
# each a process of its own: a browser's loop suffers no other after it.
test: lint
	@$(in_memory) -n $(CORES) -m "$(FAST)"
	+$(MAKE) --no-print-directory --jobs=2 --output-sync=target slow pages

slow: $(READY)
	$(BIN)/python -m pytest -m "(engine or crash) and not nightly"

pages: $(READY)
	$(BIN)/python -m pytest -m "(browser or long) and not (engine or crash or nightly)"

check: test

# What takes too long for every change: the search for broken laws with many lives, and every fault at its full size.
nightly: $(READY)
	$(BIN)/python -m pytest -m nightly
	$(BIN)/python -m benchmarks.faults

bench: $(READY)
	$(BIN)/python -m benchmarks

pictures: $(READY)
	$(BIN)/python -m benchmarks.screenshots
	$(BIN)/python -m benchmarks.screenshots docs/img --language en

lock:
	uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) demo-home .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
