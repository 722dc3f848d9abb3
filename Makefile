# All that a fresh machine needs is git, make and Python 3.11 or later.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test coverage proof chaos mutants duckdb-2 lint audit bench bench-full docs lock clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(READY)  ## three nights of the stand-in, ending with interim beside year-end
	$(BIN)/mptf demo

test: $(READY)  ## every test, a file at a time on each core
	$(BIN)/python -m pytest -q --numprocesses auto --dist loadfile --no-loadscope-reorder

coverage: $(READY)  ## which lines and branches no test takes
	$(BIN)/python -m pytest -q --numprocesses auto --dist loadfile --cov --cov-report=term

proof: $(READY)  ## the long proofs but for the year: ninety kills, all 720 orders
	$(BIN)/python -m pytest -m proof -s --durations=0 --ignore=tests/flows/test_chaos.py

chaos: $(READY)  ## a simulated year of nights on which everything goes wrong; CHAOS_SEED, CHAOS_NIGHTS, CHAOS_PROGRAMMES
	$(BIN)/python -m pytest -q -s -m proof tests/flows/test_chaos.py

mutants: $(READY)  ## small faults put into basis, amounts, figures, restatements, vintages: which does no test notice?
	$(BIN)/python tests/mutants.py $(MUTANTS)

duckdb-2:  ## the warehouse's tests on DuckDB 2, in an environment of its own
	$(PYTHON) -m venv .venv-duckdb-2
	.venv-duckdb-2/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	.venv-duckdb-2/bin/python -m pip install --quiet --disable-pip-version-check --no-deps 'duckdb>=2,<3'
	.venv-duckdb-2/bin/python -m pytest -q --numprocesses auto --dist loadfile tests/warehouse

lint: $(READY)  ## format, lint, types, and who may import whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit:  ## what is known against the locked packages, by PyPI's and OSV's databases; needs a network
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --requirement requirements.lock --no-deps --disable-pip --vulnerability-service osv

bench: $(READY)  ## one table, in ten minutes: rates, peak memory, and ratios to Scrapy, dlt and a script
	$(BIN)/python -m benchmarks

bench-full: $(READY)  ## the same, and the parts one by one
	$(BIN)/python -m benchmarks --full

docs: $(READY)  ## the data dictionary, from the schemas; the cookbook, from its queries and the demo
	$(BIN)/python -m warehouse.dictionary > docs/data-dictionary.md
	$(BIN)/python -m flows.cookbook > docs/cookbook.md

lock:  ## pin and hash every dependency again
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command 'make lock' --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .venv-audit .venv-duckdb-2 data
