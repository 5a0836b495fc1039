# agentd: make demo | test | lint | bench | docs | install | uninstall | clean
#
# PYTHON=...  the interpreter to begin with (python3; for install: /usr/bin/python3)
# VENV=...    where the virtual environment of this checkout is kept (.venv)
# DIR=... PORT=...  the demo's folder and HTTP port;  DESTDIR=...  another root to install into
PYTHON ?=
VENV ?= .venv
DIR ?= demo
PORT ?= 8077
DESTDIR ?=

BIN := $(VENV)/bin
export PYTHON DESTDIR

.PHONY: demo test lint bench docs install uninstall clean system-test-packages
.DELETE_ON_ERROR:

demo: $(VENV)/.for-demo
	@$(BIN)/agentd demo --dir "$(DIR)" --port "$(PORT)"

# What can be told at once comes first; pytest's own words come last. Most tests wait for Asterisk most of the time, so
# two files are run at a time, each half with parts of its own; both must find the same tests (PYTHONHASHSEED).
test: lint system-test-packages
	PYTHONHASHSEED=0 $(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.for-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.for-bench
	$(BIN)/python -m bench

docs: $(VENV)/.for-test
	$(BIN)/python docs/build_states.py

install:
	bash etc/install.sh

uninstall:
	bash etc/install.sh --remove

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The project in a virtual environment, in place; anew when its metadata has changed, or the checkout was moved.
ifneq ($(shell cat $(VENV)/.for-demo 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.for-demo $(VENV)/.for-test
endif

$(VENV)/.for-demo: setup.cfg pyproject.toml etc/venv.sh
	bash etc/venv.sh $(VENV) --editable .
	echo "$(CURDIR)" >$@

$(VENV)/.for-test: setup.cfg pyproject.toml etc/venv.sh
	bash etc/venv.sh $(VENV) --editable '.[test]'
	echo "$(CURDIR)" | tee $(VENV)/.for-demo >$@

$(VENV)/.for-bench: $(VENV)/.for-test
	bash etc/venv.sh $(VENV) --editable '.[test,bench]'
	echo "$(CURDIR)" >$@

# What the tests need of the system: real parts, none of them replaced. Missing ones are installed (root, or sudo).
system-test-packages:
	bash tests/system-packages.sh
