# What can be done here, one target a line: `make` prints this table.
# Needs Python 3.11 to 3.13, its pip, and make; whatever else is needed comes from the locks.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
# pip of the given Python, working on a virtual environment: so one without a pip of its own will do.
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check --python
digest = $(shell cat $(1) 2>/dev/null | cksum | cut -d' ' -f1)
READY := $(VENV)/ready-$(call digest,requirements.lock pyproject.toml)
DOCS_READY := $(VENV)/docs-$(call digest,requirements-docs.lock)
WEB := .venv-web
WEB_READY := $(WEB)/ready-$(call digest,requirements-web.lock web/package-lock.json)
WITH_NODE := PATH="$(CURDIR)/$(WEB)/bin:$$PATH"
BENCH_READY := $(BENCH)/ready-$(call digest,requirements-bench.lock pyproject.toml)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
# Most tests use one core, so they run in a process a core; one that has no more takes half of what another has left.
SPLIT := --numprocesses auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help venv demo test test-quick lint format types reference docs web web-check bench lock wheel hooks clean

help:  ## print this table
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(READY)  ## set up .venv as requirements.lock says

demo: $(READY)  ## set up, then judge thirty simulated days and check what was found against the true answers
	@$(BIN)/wideberth demo

test: $(READY)  ## set up, then the whole suite: compiled, on one thread, and interpreted with coverage
	$(BIN)/python -m pytest $(SPLIT)
	NUMBA_NUM_THREADS=1 $(BIN)/python -m pytest $(SPLIT) -m threads
	$(BIN)/python -m coverage erase
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m coverage run -m pytest $(SPLIT) -m kernels
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

test-quick: $(READY)  ## the suite once, without what is marked slow
	$(BIN)/python -m pytest $(SPLIT) -m "not slow"

lint: $(READY)  ## ruff: the rules, then the format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

reference: $(READY)  ## write into docs/ what it takes from the code: columns, commands, minima
	$(BIN)/python tools/reference.py

docs: $(DOCS_READY)  ## build the documentation into site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

web: $(WEB_READY)  ## build the report's page from web/ into src/wideberth/report/assets/, which is committed
	cd web && $(WITH_NODE) npm run --silent build

web-check: $(WEB_READY)  ## build it once more, and compare it with what is committed, byte by byte
	cd web && $(WITH_NODE) npm run --silent check

bench: $(READY) $(BENCH_READY)  ## time wideberth beside its peer and beside reading the file
	$(BIN)/python benchmarks/screen_day.py --peer $(BENCH)/bin/python

lock: $(READY)  ## resolve every dependency anew and write the locks
	$(PIP) $(BIN)/python install uv
	$(LOCK) --upgrade pyproject.toml --all-extras --group dev --output-file requirements.lock
	$(LOCK) --upgrade --group docs --constraints requirements.lock --output-file requirements-docs.lock
	$(LOCK) --upgrade --group web --output-file requirements-web.lock
	$(LOCK) --upgrade pyproject.toml --group bench --output-file requirements-bench.lock

wheel: $(READY)  ## build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m hatchling build

hooks: $(READY)  ## have git run ruff and mypy before each commit
	$(BIN)/pre-commit install

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(BENCH) $(WEB) web/node_modules build dist site .coverage .hypothesis .pytest_cache .mypy_cache .ruff_cache

# $(call new_venv,FOLDER,LOCK): an environment of another Python is made anew; Debian's bare Python has
# no ensurepip, hence the second try.
VERSION := 'import platform; print(platform.python_version())'
define new_venv
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(not (3, 11) <= v < (3, 14))' 2>/dev/null || { \
		echo "wideberth needs Python 3.11, 3.12 or 3.13; $(PYTHON) is" \
			"$$($(PYTHON) -c $(VERSION) 2>/dev/null || echo 'not there')." \
			"Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up $(1) from $(2): about a minute."
	@[ "$$($(1)/bin/python -c $(VERSION) 2>/dev/null)" = "$$($(PYTHON) -c $(VERSION))" ] \
		|| $(PYTHON) -m venv --clear $(1) >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear --without-pip $(1)
	@$(PIP) $(1)/bin/python install --require-hashes --requirement $(2)
	@$(PIP) $(1)/bin/python install --no-deps --no-build-isolation --editable .
endef

$(READY): requirements.lock pyproject.toml
	$(call new_venv,$(VENV),requirements.lock)
	@rm -f $(VENV)/ready-* && touch $@

$(DOCS_READY): $(READY) requirements-docs.lock
	@$(PIP) $(BIN)/python install --require-hashes --requirement requirements-docs.lock
	@rm -f $(VENV)/docs-* && touch $@

$(BENCH_READY): requirements-bench.lock pyproject.toml
	$(call new_venv,$(BENCH),requirements-bench.lock)
	@rm -f $(BENCH)/ready-* && touch $@

# Node as a wheel from PyPI, so that Python is all that is needed; of the packages from npm no install script is run.
$(WEB_READY): requirements-web.lock web/package-lock.json
	@echo "Setting up $(WEB) and web/node_modules: about a minute."
	@$(PYTHON) -m venv --clear $(WEB) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(WEB)
	@$(PIP) $(WEB)/bin/python install --require-hashes --requirement requirements-web.lock
	@cd web && $(WITH_NODE) npm ci --ignore-scripts --silent
	@rm -f $(WEB)/ready-* && touch $@
