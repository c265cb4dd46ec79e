# Commands for those who play livegen and those who work on it; `make help` lists them.
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
  $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

# The pure part: no clock, thread or socket, so these tests run in virtual time. In two halves of about the same length.
FIRST_HALF := tests/player tests/session
SECOND_HALF := $(addprefix tests/,music beat listening predictors tunes control) $(wildcard tests/test_*.py)

.PHONY: help jam test quick check docs train soak bench lock parts wheel clean
help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

jam: .venv/run  ## set up what is needed, once, and play
	@$(BIN)/livegen jam $(ARGS)

# Without torch the training tests are skipped, and pytest says so.
test: .venv/dev parts  ## set up the rest, check lint and types, run every test
	@$(MAKE) --no-print-directory .venv/train || true
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest $(ARGS)

# Fewer random performances than `make test` plays, and one half beside the other.
quick: .venv/dev  ## the tests of the pure part, in under a minute
	@export LIVEGEN_PERFORMANCES=20; half=$$(mktemp); \
	$(BIN)/python -m pytest -q $(FIRST_HALF) $(ARGS) > $$half 2>&1 & first=$$!; \
	$(BIN)/python -m pytest -q $(SECOND_HALF) $(ARGS); second=$$?; \
	wait $$first; first=$$?; cat $$half; rm -f $$half; exit $$((first | second))

check: .venv/dev  ## lint, format and types alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: .venv/dev  ## write the documents that are made from the source
	@$(BIN)/python -m tools.docs

soak: .venv/dev  ## 10,000 performances, an hour of a band, 10^6 datagrams
	LIVEGEN_PERFORMANCES=10000 $(BIN)/python -m pytest tests/session/test_session.py tests/session/test_raga.py -k 'promises or raga' $(ARGS)
	LIVEGEN_MINUTES=60 $(BIN)/python -m pytest --timeout 0 tests/session/test_band.py -k hour $(ARGS)
	LIVEGEN_DATAGRAMS=1000000 $(BIN)/python -m pytest -s --timeout 0 tests/osc/test_faults.py -k malformed $(ARGS)

bench: .venv/dev  ## latency, timers, start-up, memory
	$(BIN)/python -m benchmarks.latency $(ARGS)

train: .venv/train  ## set up training (torch, CPU build)

# Each stamp is made once, and again when what it is made from changes.
.venv/run: requirements/run.txt pyproject.toml
	@echo "Setting up livegen in .venv (once; about half a minute) ..."
	@test -n "$(PYTHON)" || { echo "livegen needs Python 3.11 or later; install it and try again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps -e .
	@$(BIN)/python -m compileall -q livegen
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo "Setting up the tests ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# The CPU build of torch: from the folder of wheels that pip is told of, else from PyTorch's own index, which uv knows.
.venv/train: .venv/run requirements/train.txt
	@echo "Setting up training ..."
	@$(PIP) install --require-hashes -r requirements/train.txt
	@$(BIN)/python -c 'import torch' 2>/dev/null \
	  || UV_FIND_LINKS="$(PIP_FIND_LINKS)" $(BIN)/uv pip install -q --python $(BIN)/python --no-index --no-deps torch==2.13.0 2>/dev/null \
	  || $(BIN)/uv pip install -q --python $(BIN)/python --no-deps --torch-backend=cpu torch==2.13.0 \
	  || { echo "torch's CPU build could not be had, so training is not set up."; exit 1; }
	@touch $@

parts:
	@tests/support/parts.sh

lock:  ## pin the versions in requirements/ again
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra dev -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate requirements/train.in -c requirements/dev.txt -o requirements/train.txt

wheel: .venv/dev  ## build the wheel into dist/
	$(BIN)/uv build --wheel -o dist

clean:  ## remove .venv and what was built
	rm -rf .venv dist build
