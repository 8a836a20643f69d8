# What a person runs here. Nothing but .venv, .types and .dompet (all ignored by git) is written.
PYTHON ?= python3
ARGS ?=
JOBS ?= 4
HOME_FOLDER = $(or $(DOMPET_HOME),.dompet)
BIN := .venv/bin
DATA := kafka-data kafka-data.unfinished kafka-tmp kafka.* warehouse faust imports demo-*.json
LAYERS := schemas projections streams infra

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
installed = $(PIP) --require-hashes -r requirements/$(1).txt && $(PIP) --no-deps --no-build-isolation -e .

.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE # each process would compile every module once more
.PHONY: help demo test check lint lock bench faults simulate clean-data
.SILENT:

help: ## say what can be made
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	echo "ARGS are passed on: make demo ARGS='--people 1000', make test ARGS='-k refund'"

demo: .venv/installed ## play a programme through Kafka into ClickHouse, and report on it
	$(BIN)/dompet demo $(ARGS)

test: .venv/installed-dev ## run the whole suite, JOBS=4 files at a time (README says what it needs)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

# What schemathesis is for needs a server: so its plug-in, which takes long to load, stays out.
check: .venv/installed-dev ## the fast loop: lint, types, and every test that starts no process, at the same time
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p dompet -p tests & types=$$!; \
		$(BIN)/python -m pytest -n 2 --dist loadfile --without-servers -p no:schemathesis $(ARGS); tests=$$?; wait $$types && exit $$tests

lint: .venv/installed-dev ## look for faults without running anything: ruff, and mypy in its strict mode
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p dompet -p tests

bench: .venv/installed-dev ## measure dompet beside its rivals, and write the report (takes long)
	$(BIN)/python -m tests.bench $(ARGS)

simulate: .venv/installed-dev ## crash, replay and reorder every step of a worker, without servers, for 10,000 seeds
	$(BIN)/python -m tests.simulation $(ARGS)

faults: .venv/installed-dev ## kill, stop and cut off everything while 1,000,000 events come, and judge the journal (takes long)
	$(BIN)/python -m tests.faults $(ARGS)

clean-data: ## forget all local data; what was fetched to run Kafka stays
	for lock in $(addprefix "$(HOME_FOLDER)"/,kafka.lock warehouse/dompet.holder); do \
		[ ! -f "$$lock" ] || flock -n "$$lock" true || { echo "$(HOME_FOLDER) is in use: stop what runs there first"; exit 2; }; done
	cd "$(HOME_FOLDER)" 2>/dev/null && rm -rf $(DATA) || true
	echo "no data left in $(HOME_FOLDER)"

lock: .venv/installed-dev ## choose the dependencies' versions again, within the ranges of pyproject.toml
	for set in run dev; do $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --upgrade \
		--no-header --no-annotate --extra $$set --output-file requirements/$$set.txt pyproject.toml || exit; done

# Every package is the one that the tests ran with: its version and its hash are locked.
# Installed in place: what is changed is run at once. Only another lock or pyproject.toml installs again.
.venv/installed: requirements/run.txt pyproject.toml | .venv/made
	echo "installing dompet into .venv (1 GB on disk; once)"
	$(call installed,run)
	touch $@

.venv/installed-dev: requirements/dev.txt pyproject.toml | .venv/made
	echo "installing dompet with what its tests need into .venv (1 GB on disk; once)"
	$(call installed,dev)
	mkdir -p .types/dompet && for layer in $(LAYERS); do ln -sfn ../../$$layer .types/dompet/$$layer; done
	touch $@ .venv/installed

.venv/made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "dompet needs Python 3.11 or newer as $(PYTHON): install it, or name one (make PYTHON=python3.12)"; exit 2; }
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) cannot make a virtual environment: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv .venv
	touch $@
