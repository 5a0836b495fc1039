# agentd: make demo | test | lint | bench | docs | install | clean
PYTHON ?= python3
VENV ?= .venv
DIR ?= demo
PORT ?= 8077
DESTDIR ?=
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test

.PHONY: demo test lint check bench docs install uninstall clean system-test-packages

demo: $(STAMP)
	$(BIN)/agentd demo --dir "$(DIR)" --port "$(PORT)"

test: $(TEST_STAMP) system-test-packages lint
	$(BIN)/python -m pytest

lint: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TEST_STAMP)
	$(BIN)/python -m bench

docs: $(TEST_STAMP)
	$(BIN)/python docs/build_states.py --write

install:
	DESTDIR="$(DESTDIR)" PYTHON="$(PYTHON)" bash etc/install.sh

uninstall:
	DESTDIR="$(DESTDIR)" bash etc/install.sh --remove

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A virtual environment with the project, anew when its metadata has changed.
$(STAMP): setup.cfg pyproject.toml
	PYTHON="$(PYTHON)" bash etc/venv.sh $(VENV) .
	touch $(STAMP)

$(TEST_STAMP): setup.cfg pyproject.toml
	PYTHON="$(PYTHON)" bash etc/venv.sh $(VENV) '.[test]'
	touch $(STAMP) $(TEST_STAMP)

# What the tests need of the system: real parts, none of them replaced. Missing ones are installed (root, or sudo).
system-test-packages:
	bash tests/system-packages.sh
