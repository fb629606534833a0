# Every target makes sure of its tools first; with a warm cache that takes a second.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test versions test-unit test-platform test-conformance test-engine test-clients test-faults test-real test-long lint format docs lock clean \
	toolchain-runtime toolchain-sandbox toolchain-dev clients

PYTHON ?= python3
RUN := $(PYTHON) tools/toolchain.py run
PYTEST := $(RUN) python -m pytest -m "not long" -n 2 --dist loadfile --durations 5 --durations-min 20
PARTS := scale killed-1 killed-2 maintenance-1 maintenance-2 histories load fuzz golden postgresql
LONG := $(RUN) python -m pytest -n 0 --timeout 900 --session-timeout 1800 --evidence docs/evidence
CHECKED := components docs sandbox stacks tools tests

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | column -t -s "$$(printf '\t')"

demo: toolchain-sandbox ## the whole story on this machine; KEEP=1 leaves it running
	$(RUN) estate sandbox demo $(if $(KEEP),--keep)

test: versions lint test-unit test-platform test-conformance test-real ## all that CI runs, nothing else needed first

versions: toolchain-dev
	@$(RUN) python --version
	@echo "Pulumi CLI $$($(RUN) pulumi version)"
	@$(RUN) pytest --version

test-unit test-platform test-conformance test-engine test-clients test-faults: test-%: toolchain-dev
	$(PYTEST) tests/$*

test-clients: clients

# The longest files come first, so that no worker waits for another at the end; three, since each waits for machines at times.
test-real: toolchain-dev clients ## faults, engine and clients in one run, which is shorter than theirs together
	$(PYTEST) -n 3 --no-loadscope-reorder tests/faults tests/engine tests/clients

clients: toolchain-dev ## the third-party clients of tests/clients, and their versions
	@$(PYTHON) tools/toolchain.py clients

test-long: toolchain-dev ## what is marked long, in parts of 30 minutes at most: PART=name; figures go to docs/evidence
	status=0; for part in $(or $(PART),$(PARTS)); do $(LONG) -m "long(part='$$part')" tests || status=1; done; exit $$status

lint: toolchain-dev ## style, format, direction of imports, types
	$(RUN) ruff check $(CHECKED)
	$(RUN) ruff format --check $(CHECKED)
	$(RUN) lint-imports
	$(RUN) mypy
	$(RUN) mypy tools

format: toolchain-dev ## rewrite the sources in the one format
	$(RUN) ruff format $(CHECKED)
	$(RUN) ruff check --fix $(CHECKED)

docs: toolchain-dev ## write what is generated from the sources: reference, JSON Schema, table of endpoints
	$(RUN) python -m artifactory_estate.cli.reference docs/reference.md
	$(RUN) python -m artifactory_estate.estate.schema docs/estate.schema.json
	$(RUN) python -m artifactory_sandbox.platform.coverage docs/sandbox.md

lock: ## recompile requirements/*.txt; pins that still fit are kept
	$(PYTHON) tools/lock.py

clean: ## everything made in the checkout; the cache of built tools stays
	rm -rf .venv .clients .sandbox .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache build dist report.json
	find components sandbox stacks tools tests -name __pycache__ -type d -prune -exec rm -rf {} +

toolchain-runtime toolchain-sandbox toolchain-dev: toolchain-%:
	@$(PYTHON) tools/toolchain.py install --with $*
