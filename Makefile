# make run    set up once, then start the dashboard on http://127.0.0.1:8501 (PORT= moves it)
# make test   set up once, then lint, types and tests

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
# A browser is opened where there is a screen to show it on.
HEADLESS := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),false,true)

.PHONY: run test clean

run: .venv/.runtime
	@echo "Plumage: http://127.0.0.1:$(PORT)  (ctrl-C stops it)"
	@$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless $(HEADLESS)

test: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

clean:
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plumage needs Python 3.11 or newer; say which with: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.test: tests/requirements.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
