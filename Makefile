# Every command that a person types. `make` alone prints them.
.DEFAULT_GOAL := help
.PHONY: help up preview refresh review drift escrow validate schema down clean env engine test test-long chaos story test-unit bench lint format lock venv dev
SHELL := /bin/sh

PYTHON ?= python3
RUN := .venv/bin/python
# One environment for all: `make up` needs the first two lists of packages, `make test` the third.
UP_READY := .venv/.ready-for-up
DEV_READY := .venv/.ready-for-tests
# `pulumi` on PATH, wherever it was found.
WITH_ENGINE = PATH="$$($(RUN) -m engine | head -n 1):$$PATH"; export PATH;
# What makes a report: for reading on a terminal, Markdown elsewhere.
REPORT = if [ -t 1 ]; then set -- psaas $(1); else set -- review $(lastword $(1)); fi; exec $(RUN) -m "$$@" --stack "$$STACK"

help: ## print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / && !/## pipelines: / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo; echo "Called by pipelines (docs/pipelines.md):"
	@awk -F ':.*## pipelines: ' '/^[a-z-]+:.*## pipelines: / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: $(UP_READY) ## make the tenants of stacks/Pulumi.local.yaml exist on a local appliance; REFRESH=1 also mends drift
	@$(RUN) -m local up

preview: $(UP_READY) ## show what the next `make up` would do
	@$(RUN) -m local preview

refresh: $(UP_READY) ## look for drift between state and appliance, changing nothing
	@$(RUN) -m local refresh

review: $(UP_READY) ## what an update of STACK (or else of local) would do, judged; fails unless it is fine
	@case "$${STACK:-local}" in local) exec $(RUN) -m local review;; *) $(WITH_ENGINE) $(call REPORT,review preview);; esac

drift: $(UP_READY) ## whether the appliance of STACK (or else of local) is what its state says, judged; fails unless it is
	@case "$${STACK:-local}" in local) exec $(RUN) -m local drift;; *) $(WITH_ENGINE) $(call REPORT,drift);; esac

escrow: $(UP_READY) ## list the credentials that wait in the local escrow
	@$(RUN) -m local escrow

validate: $(UP_READY) ## look for mistakes in all stack files and in the rules' settings, without engine or network
	@$(RUN) -m psaas_resources validate $(FILES); status=$$?; $(RUN) -m review rules && exit $$status

schema: $(UP_READY) ## write the JSON schemas for editors anew, from the models of config and policy settings
	@$(RUN) -m psaas_resources schema
	@$(RUN) -c 'from policy import settings_schema; settings_schema.write()'

env: $(UP_READY) ## print what a shell needs for `pulumi` by hand: eval "$(make -s env)"
	@$(RUN) -m local env

down: $(UP_READY) ## stop the local appliance; everything it knows stays
	@$(RUN) -m local down

clean: $(UP_READY) ## remove the local appliance's data, state and escrow
	@$(RUN) -m local clean

engine: $(UP_READY) ## find, install or build `pulumi`; print its folder and version
	@$(RUN) -m engine

test: lint ## everything: checks, unit, appliance and engine tests (the real `pulumi`)
	@$(RUN) -m engine >/dev/null
	@$(RUN) -m pytest -n 3 --dist worksteal

test-long: $(DEV_READY) ## the whole crash matrix and whatever else takes long (about 50 minutes)
	@$(RUN) -m engine >/dev/null
	@PSAAS_LONG=1 $(RUN) -m pytest -n 2 --dist worksteal -m long

chaos: $(DEV_READY) ## 1,000 tenants on an appliance that goes wrong, three kills: what was lost, doubled, unknown
	@$(RUN) -m engine >/dev/null
	@$(RUN) -m chaos --tenants 1000 --seed 7

bench: $(DEV_READY) ## measure what tenants cost, beside the engine's floor and other tools; ROWS="thousand …" for some rows
	@$(RUN) -m engine >/dev/null
	@$(RUN) -m bench $(if $(ROWS),--only $(ROWS)); status=$$?; $(RUN) -m bench --render && exit $$status

story: $(DEV_READY) ## pull requests, reviews, deploys and drift, told on this machine; WRITE=1 renews docs/gitops.md
	@$(RUN) -m engine >/dev/null
	@$(RUN) -m tests.story $(if $(WRITE),--write)

test-unit: $(DEV_READY) ## the tests that need neither network nor engine
	@$(RUN) -m pytest tests/unit

lint: $(DEV_READY) ## ruff, mypy --strict, the import rules and the schemas of workflows
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/check-jsonschema --builtin-schema vendor.gitlab-ci .gitlab-ci.yml

format: $(DEV_READY) ## let ruff put the code in order
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

venv: $(UP_READY) ## make .venv with what `make up` needs
dev: $(DEV_READY) ## make .venv with what `make test` needs too

.PHONY: review-change change fetch-inventory comment approvals affected plan deploy audit publish-inventory
.PHONY: drift-issue notify packages release

review-change: $(UP_READY) ## review the stack files of HEAD against those of BASE, with no secret; fails if forbidden
	@exec $(RUN) -m pipeline review-change

# The targets of pipelines. What a job is about, they take from its environment; docs/pipelines.md says what they need.
change: $(UP_READY) ## pipelines: find and fetch the pull request or merge request of this job, as data
	@exec $(RUN) -m pipeline change

fetch-inventory: $(UP_READY) ## pipelines: write the inventories that deploys published into FOLDER
	@exec $(RUN) -m pipeline fetch-inventory

comment: $(UP_READY) ## pipelines: put the report of review-change under the change, over our last one
	@exec $(RUN) -m pipeline comment

approvals: $(UP_READY) ## pipelines: print who approves of change NUMBER at exactly its head
	@exec $(RUN) -m pipeline approvals

affected: $(UP_READY) ## pipelines: print the stacks that a push touches (all: ALL=1)
	@exec $(RUN) -m pipeline affected

plan: $(UP_READY) ## pipelines: what a deploy of STACK would do, and which reviews have shown it; no secret
	@exec $(RUN) -m pipeline plan

deploy: $(UP_READY) ## pipelines: update STACK, if exactly what it does was approved
	@exec $(RUN) -m pipeline deploy

audit: $(UP_READY) ## pipelines: a JSON line for each write of the last deploy of STACK
	@exec $(RUN) -m pipeline audit

publish-inventory: $(UP_READY) ## pipelines: publish what the state of STACK holds, without secrets
	@exec $(RUN) -m pipeline publish-inventory

drift-issue: $(UP_READY) ## pipelines: look for drift of STACK; open, update or close its issue
	@exec $(RUN) -m pipeline drift-issue

notify: $(UP_READY) ## pipelines: tell PSAAS_NOTIFY_COMMAND that a job failed
	@exec $(RUN) -m pipeline notify

packages: $(DEV_READY) ## pipelines: build sdist and wheel into dist/
	@exec $(RUN) -m pipeline packages

release: $(UP_READY) ## pipelines: make the release page of this job's tag, with dist/ and its checksums
	@exec $(RUN) -m pipeline release

lock: ## write requirements*.txt anew from pyproject.toml (needs `uv` on PATH)
	@sh requirements.sh

$(UP_READY): requirements.txt requirements-appliance.txt | .venv/bin/python
	@echo "environment: installing what \`make up\` needs into .venv (about 20 s)" >&2
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-appliance.txt
	@touch $@

$(DEV_READY): requirements-dev.txt $(UP_READY)
	@echo "environment: installing what \`make test\` needs into .venv (about 20 s)" >&2
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "error: there is no $(PYTHON); install Python 3.11 or newer, or say which: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $$($(PYTHON) --version) is too old; Python 3.11 or newer is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "error: this Python can't make virtual environments; install the package python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
