# Two commands do all set-up: `make demo` and `make test`. Needs python3 (3.10 or newer), its venv
# module and make; nothing else.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SUDO   := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
# Tests mostly wait for peers; a file stays in one worker, so that its lab is built once. Long files
# come first (tests/conftest.py).
SPREAD := -n 4 --dist loadfile --no-loadscope-reorder
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Hundreds of processes import the same modules: compile them once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint soak bench peers bench-peers pythons docs clean

demo: $(VENV)/.ready            ## a whole small site on this machine: NO-GO, repair, GO
	$(BIN)/preflight demo

test: peers $(VENV)/.ready-dev  ## everything, on every Python that is present
	@mkdir -p .cache; $(BIN)/python tests/pythons.py >.cache/pythons.log 2>&1 & pythons=$$!; \
	trap "kill $$pythons" INT TERM; \
	$(BIN)/pytest -q $(SPREAD) --ignore=tests/test_portable.py; suite=$$?; \
	wait $$pythons; portable=$$?; cat .cache/pythons.log; [ $$suite = 0 ] && [ $$portable = 0 ]

lint: $(VENV)/.ready-dev        ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

soak: peers $(VENV)/.ready-dev  ## the long ones: fuzzing and many more examples
	$(BIN)/pytest -q -m "soak or not soak" --hypothesis-profile=soak

bench: bench-peers $(VENV)/.ready-dev $(VENV)/.ready-bench  ## timings beside public tools, into docs/performance.md; QUICK=1 only tries, ONLY="icmp run" does these
	$(BIN)/python -m benchmarks.report $(if $(QUICK),--quick) $(ONLY)

docs: $(VENV)/.ready-dev        ## write the generated pages anew
	$(BIN)/python tests/docs/generate.py

# The programs that tests talk to, and those that benchmarks compare with. Installed where apt and the
# right to use it exist; where they do not, a test that needs one says which package is missing and
# skips (in CI: fails), and a benchmark says what it could not measure.
peers: LIST := tests/PACKAGES
bench-peers: LIST := benchmarks/PACKAGES
peers bench-peers:
	@missing=$$(for p in $$(grep -hv '^#' $(LIST)); do \
	    dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || $(SUDO) -n true 2>/dev/null; }; then \
	    echo "installing peers:" $$missing; \
	    $(SUDO) apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	elif [ -n "$$missing" ]; then \
	    echo "missing peers (what needs them is left out): apt install" $$missing; \
	fi

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "preflight needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "Python's venv module is missing; install it with: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -e .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml $(VENV)/.ready
	$(BIN)/python -m pip install -q --group dev
	@touch $@

$(VENV)/.ready-bench: pyproject.toml | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)/bench
	@if $(VENV)/bench/bin/python -m pip install -q --upgrade pip && \
	    $(VENV)/bench/bin/python -m pip install -q --group bench; then touch $@; \
	else echo "the peers of benchmarks could not be installed: their rows will say so"; fi

clean:                          ## remove everything that was made here
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
