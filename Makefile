# make jam    set up what is needed, once, and play        make test   set up the rest and run every test
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
  $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: help jam test train check soak bench lock parts wheel clean
help:
	@sed -n '1s/^# //p' Makefile
	@echo "make train  set up training (torch, CPU build)           make check  lint and types alone"
	@echo "make soak   10,000 performances, 10^6 datagrams             make bench  latency, timers, start-up, memory"

jam: .venv/run
	@$(BIN)/livegen jam $(ARGS)

# Without torch the training tests are skipped, with that reason.
test: .venv/dev parts
	@$(MAKE) --no-print-directory .venv/train || true
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest $(ARGS)

check: .venv/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

soak: .venv/dev
	LIVEGEN_PERFORMANCES=10000 $(BIN)/python -m pytest tests/session/test_session.py tests/session/test_raga.py -k 'promises or raga' $(ARGS)
	LIVEGEN_MINUTES=60 $(BIN)/python -m pytest --timeout 0 tests/session/test_band.py -k hour $(ARGS)
	LIVEGEN_DATAGRAMS=1000000 $(BIN)/python -m pytest -s --timeout 0 tests/osc/test_faults.py -k malformed $(ARGS)

bench: .venv/dev
	$(BIN)/python -m benchmarks.latency $(ARGS)

train: .venv/train

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

lock:
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate pyproject.toml --extra dev -c requirements/run.txt -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate requirements/train.in -c requirements/dev.txt -o requirements/train.txt

wheel: .venv/dev
	$(BIN)/uv build --wheel -o dist

clean:
	rm -rf .venv dist build
