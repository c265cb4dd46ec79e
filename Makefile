# Commands for those who play livegen and those who work on it; `make help` lists them.
PYTHON ?=
# A .venv that cannot be used loses its stamps, so that it is made anew.
ifeq ($(filter help clean,$(MAKECMDGOALS)),)
ifeq ($(MAKELEVEL),0)
$(shell tools/venv.sh check "$(PYTHON)")
endif
endif
BIN := .venv/bin
PIP := tools/fetch.sh $(BIN)/python -m pip --disable-pip-version-check -q

# These tests wait for nothing, so they run on all cores. The rest wait for servers, ports, clocks and pages, and run two
# at a time by file.
PURE := $(addprefix tests/,music beat listening predictors player session tunes control)
TIMELESS := $(addprefix tests/,cli/test_commands.py cli/test_charts.py cli/test_examples.py osc/test_packets.py \
  $(addprefix benchmarks/test_,accompaniment.py beats.py drummer.py grooves.py musicality.py) \
  $(addprefix midi/test_,closed_keys.py file_cases.py in_memory.py messages_and_files.py names.py owed.py))
BY_ALL := $(TIMELESS) $(addprefix tests/,training charts files) $(PURE) $(wildcard tests/test_*.py)
BY_TWO := $(filter-out $(BY_ALL) $(addprefix tests/,data support __pycache__),$(patsubst %/,%,$(wildcard tests/*/)))
ALL_CORES := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: help jam test quick check docs docs-site screens train soak soak-day fuzz bench lock parts wheel wheel-check app app-check packages clean
help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

jam: .venv/run  ## set up what is needed, once, and play
	@$(BIN)/livegen jam $(ARGS)

# Without torch the training tests are skipped, and pytest says so. A machine that others use may stand still in the middle
# of a test with real ports, so what failed is run once more when the rest is over; what fails again fails.
test: .venv/dev parts  ## set up the rest, check lint and types, run every test
	@$(MAKE) --no-print-directory .venv/train || true
	@$(MAKE) --no-print-directory check
	@$(if $(ARGS),$(BIN)/python -m pytest $(ARGS),\
	$(ALL_CORES) --cache-clear $(BY_ALL); failed=$$?; \
	$(BIN)/python -m pytest -n 2 --dist loadfile $(BY_TWO) $(TIMELESS:%=--ignore=%); failed=$$((failed | $$?)); \
	[ $$failed -ne 1 ] || { echo "Once more, what failed:"; $(BIN)/python -m pytest --last-failed --last-failed-no-failures none; \
	  failed=$$?; }; exit $$failed)

# Fewer random performances than `make test` plays.
quick: .venv/dev  ## the tests of the pure part, in under a minute
	@LIVEGEN_PERFORMANCES=20 $(ALL_CORES) -q $(PURE) $(wildcard tests/test_*.py) $(ARGS)

check: .venv/dev  ## lint, format and types alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: .venv/dev  ## write the documents that are made from the source
	@$(BIN)/python -m tools.docs

docs-site: .venv/site  ## build the documents as a site, and check their links
	@$(BIN)/python -m tools.site

screens: .venv/dev parts  ## take pictures of the page at four sizes, in build/screens
	@$(BIN)/python -m tools.screens $(ARGS)

soak: .venv/dev  ## 10,000 performances, 10^5 sequences of keys, an hour of a band, 10^6 datagrams
	LIVEGEN_PERFORMANCES=10000 $(BIN)/python -m pytest tests/session/test_session.py tests/session/test_raga.py -k 'promises or raga' $(ARGS)
	LIVEGEN_SEQUENCES=100000 $(BIN)/python -m pytest tests/listening/test_keys.py tests/session/test_keys.py -k 'synth or reference' $(ARGS)
	LIVEGEN_MINUTES=60 $(BIN)/python -m pytest --timeout 0 tests/session/test_band.py -k hour $(ARGS)
	LIVEGEN_DATAGRAMS=1000000 $(BIN)/python -m pytest -s --timeout 0 tests/osc/test_faults.py -k malformed $(ARGS)

soak-day: .venv/dev parts  ## 24 hours in real time, over JACK, with a page open; ARGS="--hours 2" for two
	$(BIN)/python -m benchmarks.soak_day $(ARGS)

fuzz: .venv/dev  ## damaged input to every reader, for hours; ARGS="--seconds 60 toml" for a minute of one
	$(BIN)/python -m tools.fuzz $(ARGS)

bench: .venv/dev  ## latency, timers, start-up, memory
	$(BIN)/python -m benchmarks.latency $(ARGS)

train: .venv/train  ## set up training (torch, CPU build)

# Each stamp is made once, and again when what it is made from changes.
.venv/run: requirements/run.txt pyproject.toml
	@echo "Setting up livegen in .venv (once; about half a minute) ..."
	@tools/venv.sh make "$(PYTHON)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps -e .
	@$(BIN)/python -m compileall -q livegen
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	@echo "Setting up the tests ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv/site: .venv/run requirements/site.txt
	@echo "Setting up the site ..."
	@$(PIP) install --require-hashes -r requirements/site.txt
	@touch $@

# The file has all that each package needs but torch. The CPU build of torch: from the folder of wheels that pip is
# told of, else from PyTorch's own index, which uv knows.
.venv/train: .venv/run requirements/train.txt
	@echo "Setting up training ..."
	@$(PIP) install --no-deps --require-hashes -r requirements/train.txt
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
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate requirements/train.in -c requirements/dev.txt --override requirements/torch_apart.in -o requirements/train.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate requirements/site.in -c requirements/dev.txt -o requirements/site.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --no-annotate requirements/app.in -c requirements/run.txt -o requirements/app.txt

wheel: .venv/dev  ## build the wheel and the sdist into dist/
	$(BIN)/uv build -o dist

wheel-check: .venv/dev  ## install the wheel on every Python that is here, and play with it
	@$(BIN)/python -m tools.wheel_check

app: .venv/run  ## build the app to double-click, in build/app/dist
	@$(BIN)/python tools/app_build.py

app-check: .venv/dev  ## run the app that was built, play with it, and end it
	@$(BIN)/python -m tools.app_check

packages: .venv/run  ## lay out the patches as packages of Max and Pure Data, in build/packages
	@$(BIN)/python -m tools.packages

clean:  ## remove .venv and what was built
	rm -rf .venv dist build
