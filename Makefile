# make run    set up once, then start the dashboard on http://127.0.0.1:8501 (PORT= moves it)
# make test   set up once, then lint, types and tests
# make docs   build the site of docs/ into site/
# make screenshots   take the pictures and the film of the docs again, of the newest finished demo run
# make lock   write requirements.lock anew: the newest versions that the requirements allow

PYTHON ?= python3
PORT ?= 8501
# Versions that are known to work; nothing is installed for standing there. `make LOCK= run` takes what the ranges allow.
LOCK ?= requirements.lock
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check $(LOCK:%=-c %)
# A browser is opened where there is a screen to show it on.
HEADLESS := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),false,true)

.PHONY: run test docs screenshots lock clean

run: .venv/.runtime
	@echo "Plumage: http://127.0.0.1:$(PORT)  (ctrl-C stops it)"
	@$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless $(HEADLESS)

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

docs: .venv/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

screenshots: .venv/.test
	$(BIN)/python docs/screenshots.py
	$(BIN)/python docs/newcomer.py

# pip's own upper limits, where this machine sets some, hold for the lock too.
lock: .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --native-tls \
		--no-header --no-annotate --upgrade $$($(BIN)/python -m pip config list | sed -n "s/.*constraint='\(.*\)'/-c \1/p") \
		requirements.txt tests/requirements.txt docs/requirements.txt -o requirements.lock

clean:
	rm -rf .venv site

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plumage needs Python 3.11 or newer; say which with: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt $(LOCK) | .venv/bin/python
	$(INSTALL) -r requirements.txt
	@touch $@

.venv/.test: tests/requirements.txt .venv/.runtime
	$(INSTALL) -r tests/requirements.txt
	@touch $@

.venv/.docs: docs/requirements.txt .venv/.runtime
	$(INSTALL) -r docs/requirements.txt
	@touch $@
