.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
RUN := $(VENV)/bin/python

# What is read in again and again, as by each process of a test, is compiled once.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test check format bench soak lock

help: ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  /'

$(READY): requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $(READY)

run: $(READY) ## Run the hotline: the sandbox without BOT_TOKEN, Telegram with it
	@if [ -n "$$BOT_TOKEN" ]; then exec $(RUN) -m bot run; else exec $(RUN) -m bot sandbox; fi

test: $(READY) ## All tests, on SQLite and on a real PostgreSQL
	$(RUN) -m pytest -m "not soak" -n 3 --dist worksteal

check: $(READY) ## Lint, types, imports
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(READY) ## Format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(READY) ## Measure speed and memory beside a bare bot, the choice of whom to ask, the rota, and the papers
	$(RUN) -m tests.bench
	$(RUN) -m tests.bench.dispatch
	$(RUN) -m tests.bench.decision
	$(RUN) -m tests.bench.rota
	$(RUN) -m tests.bench.pages
	$(RUN) -m tests.bench.papers

soak: $(READY) ## The long runs
	$(RUN) -m pytest -m soak -s

lock: $(READY) ## Write requirements.lock anew
	$(RUN) -m pip install --quiet uv
	$(VENV)/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --no-header --no-annotate --no-emit-index-url --universal --python-version 3.11 --quiet -o requirements.lock
