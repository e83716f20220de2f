.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Two for each core: tests wait for brokers and processes more than they reckon. A worker takes 1 GB.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 4 ? cores * 2 : 8)))
# Modules are shared out in this order, but for the longest (tests/infra/sharing.py).
TESTS := tests/faults tests/conformance tests/e2e tests/integration tests/contract tests/unit
# What one process compiled the next finds: the tests start many.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

.PHONY: help up demo test test-kafka lint types seeds bench lock clean

help: ## What each target does
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml
	@echo "Installing Roadworthy into $(VENV) (a minute on the first run) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@

up: $(STAMP) ## Run the whole platform on this machine (PORT=8000, DATA=.roadworthy)
	@exec $(BIN)/roadworthy up

demo: $(STAMP) ## Walk the whole story against the running platform
	@$(BIN)/roadworthy demo

test: $(STAMP) ## Run every test on the embedded parts
	$(PYTEST) $(TESTS)

test-kafka: $(STAMP) ## Run the integration, e2e and fault tests on Apache Kafka 4 (needs Java 17 and Maven)
	@tests/kafka.sh $(PYTEST) tests/faults tests/e2e tests/integration

lint: $(STAMP) ## Style, imports and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP) ## mypy --strict
	$(BIN)/mypy

seeds: $(STAMP) ## The checklist: every behaviour, its tests and their result
	$(PYTEST) -q --seeds $(TESTS)

bench: $(STAMP) ## Measure, as ratios against named baselines
	$(BIN)/python -m bench

lock: $(STAMP) ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras \
		--no-annotate --no-header --upgrade pyproject.toml -o requirements.lock

clean: ## Remove the environment and the caches (never the data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
