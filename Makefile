# A fresh machine needs git, make and Python 3.11 or later.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
RUN := .venv/.ready
DEV := .venv/.ready-dev
# One more than there are cores: some tests wait for servers and clocks.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps
PACKAGES := extractors transforms warehouse webpage flows replica tests
BUILD_TOOLS := editables|hatchling|trove-classifiers
DOCKER ?= $(shell command -v docker || command -v podman)
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --custom-compile-command 'make lock' pyproject.toml

.PHONY: demo test coverage proof histories lake chaos oracle mutants duckdb-2 lint audit same bench bench-full docs wheel image lock clean

# With examples drawn anew; a file of LONGEST takes ten minutes of CPU or more.
PROOF := $(BIN)/python -m pytest -m proof -s --timeout 0 --hypothesis-profile drawn
LONGEST := tests/flows/crawl/test_twenty_years.py tests/flows/crawl/test_visited_in_time.py \
  tests/flows/test_today_years.py tests/warehouse/test_warehouse_machine.py

# Many images set it: every process of the tests would compile what it imports, and all tests again.
export PYTHONDONTWRITEBYTECODE :=

# What runs, compiled. The tools that build the project are pinned in the development lock alone.
$(RUN): requirements.lock requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	awk '/^[a-z]/ { wanted = /^($(BUILD_TOOLS))==/ } wanted' requirements-dev.lock > .venv/build.lock
	$(PIP) --require-hashes -r requirements.lock -r .venv/build.lock
	$(PIP) --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 $(PACKAGES)
	touch $@

# What tests: the same versions and more.
$(DEV): $(RUN)
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

demo: $(RUN)  ## three nights of the stand-in, ending with interim beside year-end, and a release
	$(BIN)/mptf demo

test: $(DEV)  ## every test, one file at a time in each process
	$(BIN)/python -m pytest -q --numprocesses $(WORKERS) --no-loadscope-reorder

coverage: $(DEV)  ## the lines and branches that no test runs
	$(BIN)/python -m pytest -q --numprocesses auto --dist loadfile --cov --cov-report=term

proof: $(DEV)  ## the slow tests, except the longest: kills, orders of loading, whole worlds
	$(PROOF) --durations=0 $(LONGEST:%=--ignore=%) --ignore=tests/flows/test_chaos.py

histories: $(DEV)  ## the longest: 300 histories against a model, ten and twenty years, 123 nights; an hour and more
	$(PROOF) $(LONGEST)

lake: $(DEV)  ## the tests with PostgreSQL, an S3 server, kills and several processes
	$(BIN)/python -m pytest -m lake -s --durations=10

chaos: $(DEV)  ## a simulated year of nights on each layout with every fault; CHAOS_SEED, CHAOS_NIGHTS, CHAOS_PROGRAMMES, CHAOS_LAYOUTS
	$(BIN)/python -m pytest -q -s -m proof --timeout 0 tests/flows/test_chaos.py

oracle: $(DEV)  ## Chromium judges what is loaded of pages as they are, cut and drawn at random; ORACLE_PAGES, ORACLE_SEED
	$(BIN)/python -m tests.extractors.parse.oracle --pages $(or $(ORACLE_PAGES),5000) --seed $(or $(ORACLE_SEED),1)

mutants: $(DEV)  ## mutation testing of basis, amounts, figures, restatements and vintages
	$(BIN)/python tests/mutants.py $(MUTANTS)

same: $(DEV)  ## the rows that the commit REV and this tree make of the same nights and files; SAME=--only=files
	$(BIN)/python -m tests.same $(REV) $(SAME)

duckdb-2: BIN := .venv-duckdb-2/bin
duckdb-2:  ## the tests of the warehouse, of queries and of the demo on DuckDB 2, in a separate environment
	$(PYTHON) -m venv .venv-duckdb-2
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) 'duckdb>=2,<3'
	$(PIP) --no-build-isolation -e .
	$(BIN)/python -m pytest -q --numprocesses auto --dist loadfile tests/warehouse \
	  tests/flows/test_demo.py tests/flows/test_table.py tests/flows/cli/test_sql.py

lint: $(DEV)  ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit:  ## known vulnerabilities of the locked packages (OSV and PyPI); needs a network
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --requirement requirements-dev.lock --no-deps --disable-pip --vulnerability-service osv

bench: $(DEV)  ## what users wait for: one table, with ratios to Scrapy, dlt, Prefect and DuckDB; ten minutes
	$(BIN)/python -m benchmarks

bench-full: $(DEV)  ## the same, and the largest sizes
	$(BIN)/python -m benchmarks --full

docs: $(DEV)  ## generate the data dictionary, the cookbook, the list of dependencies and the script of the page's charts
	$(BIN)/python -m warehouse.dictionary > docs/data-dictionary.md
	$(BIN)/python -m flows.cookbook > docs/cookbook.md
	$(BIN)/python -m tests.dependencies > docs/dependencies.md
	$(BIN)/python -m tests.webpage.vega > webpage/assets/vega.js

wheel: $(RUN)  ## dist/mptf_warehouse-*.whl, which pip, pipx and uvx install
	rm -f dist/*.whl
	$(BIN)/python -m hatchling build --target wheel

image:  ## the container image `mptf`; DOCKER=podman, IMAGE_OPTIONS
	$(DOCKER) build $(IMAGE_OPTIONS) --file deploy/Dockerfile --tag mptf .

lock:  ## write both locks again; the pins stay unless UPGRADE=--upgrade; then make docs
	$(COMPILE) $(UPGRADE) --output-file requirements.lock
	$(COMPILE) $(UPGRADE) --constraint requirements.lock --extra lake --group dev --output-file requirements-dev.lock

clean:  ## the environments and the demo; data/ itself may be a home with an archive
	rm -rf .venv .venv-audit .venv-duckdb-2 data/demo
