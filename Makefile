# Everything runs in .venv, which these targets make. uv is used when it is there, pip when it is not.
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV := $(shell command -v uv 2>/dev/null)
BIN := .venv/bin

ifeq ($(UV),)
MAKE_VENV = $(PYTHON) -m venv .venv
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check
# pip says a line a package: one that counts them is enough. Its status is kept, as a pipe would lose it.
COUNTED = { $(1); echo $$? > .venv/.status; } \
	| awk '/^Collecting/ { printf "\r  %d packages …", ++n; fflush() } END { if (n) print "" }'; exit $$(cat .venv/.status)
else
MAKE_VENV = uv venv --quiet --allow-existing --python $(PYTHON) .venv
INSTALL = uv pip install --quiet --python $(BIN)/python
COUNTED = $(1)
endif

.PHONY: help setup demo run test check fix mutate soak bench pictures lock clean plan sbom audit release

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Backcheck needs Python 3.11 or newer; none was found."; exit 1; }
	@$(MAKE_VENV)

.venv/.run-installed: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the bot needs, pictures included (once) …"
	@$(call COUNTED,$(INSTALL) --require-hashes -r requirements/run.txt)
	@$(INSTALL) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.demo-installed: requirements/demo.txt .venv/.run-installed
	@echo "Installing the pretend Telegram that the demo runs on (once) …"
	@$(call COUNTED,$(INSTALL) --require-hashes -r requirements/demo.txt)
	@touch $@

.venv/.dev-installed: requirements/dev.txt .venv/.run-installed
	@echo "Installing what the tests need (once) …"
	@$(call COUNTED,$(INSTALL) --require-hashes -r requirements/dev.txt)
	@touch $@

.venv/.oldest-installed: requirements/oldest.txt .venv/.dev-installed
	@$(INSTALL) --quiet --no-deps --require-hashes --upgrade --target .venv/oldest -r requirements/oldest.txt
	@touch $@

.venv/.learned: .venv/.run-installed $(wildcard content/en/*) $(wildcard tgbot/finder/*.py)
	@$(BIN)/backcheck learn
	@touch $@

setup: .venv/.dev-installed .venv/.oldest-installed .venv/.learned ## Make .venv with everything in it

demo: .venv/.demo-installed .venv/.learned ## Chat with the bot in your browser: no account, no token, no network
	@$(BIN)/backcheck demo $(ARGS)

run: .venv/.learned ## Run the bot on Telegram (needs BACKCHECK_TOKEN)
	@$(BIN)/backcheck run $(ARGS)

# Compiled libraries are kept for all the processes that tests start: each compiles them anew otherwise.
test: .venv/.dev-installed .venv/.oldest-installed .venv/.learned ## Pass every test
	@env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/.pytest_cache/bytecode $(BIN)/python -m pytest -n logical --dist worksteal -m "not soak" $(ARGS)

check: .venv/.dev-installed ## Lint, types, import contracts, content
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/backcheck check

fix: .venv/.dev-installed ## Format, and mend what the linter can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

plan: .venv/.dev-installed ## Write the diagram in docs/follow-up.md anew
	@BACKCHECK_WRITE_PLAN=1 $(BIN)/python -m pytest -q tests/content/test_follow_up_document.py

mutate: .venv/.dev-installed .venv/.learned ## Plant faults in copies of the tree and say which no test notices
	@nice $(BIN)/python -m tools.mutate $(ARGS)

soak: .venv/.dev-installed ## Kill the bot two hundred times and count what was lost
	@$(BIN)/python -m pytest -m soak -s $(ARGS)

bench: .venv/.dev-installed ## Measure beside other bots (ARGS=--quick: two minutes)
	@$(BIN)/python -m benchmarks $(ARGS)

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"
LOCK = $(COMPILE) --group build pyproject.toml
pictures: .venv/.dev-installed ## Make the pictures in docs/ anew, with a browser
	@BACKCHECK_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/browser $(ARGS)

lock: ## Write the locked requirements anew (needs uv)
	@$(LOCK) $(LOCK_ARGS) --group dev --all-extras -o requirements/dev.txt
	@$(LOCK) $(LOCK_ARGS) --extra chart --extra card --extra postgres -c requirements/dev.txt -o requirements/run.txt
	@$(LOCK) $(LOCK_ARGS) --extra chart --extra card --extra postgres --extra simulator -c requirements/dev.txt \
		-o requirements/demo.txt
	@sed -n 's/^ *"\(aiohttp[^"]*\)".*/\1/p' pyproject.toml | $(COMPILE) - --no-deps --resolution lowest-direct \
		-o requirements/oldest.txt

sbom: .venv/.dev-installed ## Write what the bot is made of to dist/sbom.json (CycloneDX)
	@$(BIN)/python -m tools.release sbom

audit: ## Look the locked requirements up in a list of known vulnerabilities (needs uv and the network)
	@uv tool run --quiet pip-audit --require-hashes --disable-pip --requirement requirements/run.txt

release: .venv/.dev-installed ## Build what is published into dist/, and try it as a stranger would
	@$(BIN)/python -m tools.release $(ARGS)

clean: ## Remove .venv and every cache
	rm -rf .venv tgbot/_learned .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
