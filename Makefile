# The front door. `make help` lists the targets; settings may follow a target, e.g. make plan ORDERS=orders/spring.csv

#: Python 3.11 to 3.13
PYTHON = $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
#: order book to plan
ORDERS = orders/autumn.csv
#: of make scenario: names of files in scenarios/, without their ending
SCENARIO = lasers-down
#: of make front: what cost is traded for (local-share, local-units, local-mass, co2e, fairness), in how many plans
AIM = local-share
POINTS = 5
#: of make siting: at most so many sites, and the EUR that all of them may cost to buy; no limit if empty
MOST = 3
BUDGET =
#: of make gaps: how many things to buy or open are planned
NEXT = 3
#: of make export: csv, unmet-csv, trips-csv, json, geojson, html, parquet, neighbourhoods-csv, neighbourhoods-geojson,
#: districts-csv, districts-geojson; of make graph: graphml, geojson, json
FORMAT = csv
GRAPH_FORMAT = graphml
#: of make run
PORT = 8000
#: of the sample in make bench
SECONDS = 60
#: of make torture: names of experiments; all if empty
SECTION =

BIN = .venv/bin
COSMOLOCAL = $(BIN)/cosmolocal
PLAN = build/plans/$(basename $(notdir $(ORDERS))).json
INPUTS = region.yaml workshops.yaml places.csv $(wildcard closures.csv *.graphml *.graphml.gz *nodes.csv* *edges.csv* streets*) cosmolocal/processes.yaml $(wildcard designs/*/inventory.json designs/*/logs/*.json)
LOCK = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL = help
.DELETE_ON_ERROR:
.PHONY: help setup run plan scenario gaps front siting validate audit export report graph road bench huge torture test lint verify docs lock sbom clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "%-12s %s\n", $$1, $$2 }'

setup: .venv/run.stamp  ## Make the virtual environment with the pinned packages that running needs

run: $(PLAN)  ## Plan the sample region and serve it on 127.0.0.1:8000
	$(COSMOLOCAL) serve --port $(PORT)

plan: $(PLAN)  ## Plan an order book: ORDERS=orders/autumn.csv; solved again only when an input changed

validate: .venv/run.stamp  ## Check every input file and list all faults
	$(COSMOLOCAL) validate

scenario: $(PLAN)  ## Plan what if: SCENARIO="one two" of scenarios/ with ORDERS, and compare with the plan of the region as it is
	$(COSMOLOCAL) scenario run $(SCENARIO) --orders $(ORDERS)
	$(COSMOLOCAL) scenario compare $(SCENARIO)

gaps: $(PLAN)  ## Say what machine hours the plan of ORDERS lacks and what an hour is worth, and plan NEXT=3 things to buy or open
	$(COSMOLOCAL) gaps $(PLAN) --next $(NEXT)

front: .venv/run.stamp  ## Plan ORDERS as POINTS=5 plans, to choose between cost and AIM=local-share, local-units, local-mass, co2e or fairness
	$(COSMOLOCAL) front $(ORDERS) --aims cost,$(AIM) --points $(POINTS)

siting: $(PLAN)  ## Choose where up to MOST=3 workshops or machine groups go beside the plan of ORDERS, within BUDGET= in EUR, and plan them as a scenario
	$(COSMOLOCAL) siting $(PLAN) --most $(MOST) $(if $(BUDGET),--budget $(BUDGET)) --plan

audit: $(PLAN)  ## Check the plan of ORDERS again from the input files alone
	$(COSMOLOCAL) audit $(PLAN)

export: build/exports/$(basename $(notdir $(ORDERS))).$(FORMAT)  ## Write the plan of ORDERS as FORMAT=csv, unmet-csv, trips-csv, json, geojson, html, parquet, neighbourhoods-csv, neighbourhoods-geojson, districts-csv or districts-geojson

report: build/exports/$(basename $(notdir $(ORDERS))).html  ## Write the plan of ORDERS as one HTML file

graph: .venv/run.stamp  ## Write the network as GRAPH_FORMAT=graphml, geojson or json
	@mkdir -p build/exports
	$(COSMOLOCAL) graph --format $(GRAPH_FORMAT) > build/exports/network.$(GRAPH_FORMAT)

road: .venv/run.stamp  ## Find the road to the target: what to buy or open in which year, and how far it gets
	$(COSMOLOCAL) road

bench: .venv/dev.stamp  ## Measure the planner on made-up regions of many sizes, where to open sites, street distances, quotes, re-planning, scenarios, plans to choose from, explanations, the store and the pages; about an hour
	$(BIN)/python -m benchmarks.sample --runs 1 --seconds $(SECONDS)
	$(BIN)/python -m benchmarks.region --lots 400 --workshops 24 --weeks 8 --seconds 30 --against cpsat,highs
	$(BIN)/python -m benchmarks.region --lots 10000 --workshops 500 --seconds 30 --against cpsat,highs
	$(BIN)/python -m benchmarks.region --lots 10000 --workshops 500 --splittable 0.5 --fairness --seconds 60 --against highs
	$(BIN)/python -m benchmarks.region --lots 100000 --workshops 2000 --seconds 60
	$(BIN)/python -m benchmarks.region --lots 100000 --workshops 2000 --parts 3 --weeks 8 --seconds 180
	$(BIN)/python -m benchmarks.region --lots 1000000 --workshops 10000 --seconds 300
	$(BIN)/python -m benchmarks.siting --city 100x1000x15 300x300x5 1000x1000x10 --seconds $(SECONDS)
	$(BIN)/python -m benchmarks.explain
	$(BIN)/python -m benchmarks.network
	$(BIN)/python -m benchmarks.promise
	$(BIN)/python -m benchmarks.replan
	$(BIN)/python -m benchmarks.scenario --runs 1
	$(BIN)/python -m benchmarks.front
	$(BIN)/python -m benchmarks.store --runs 1
	$(BIN)/python -m benchmarks.web

huge: .venv/dev.stamp  ## Solve a made-up region of ten million lots and 200 million options: 20 minutes, 16 GiB
	$(BIN)/python -m benchmarks.region --lots 10000000 --workshops 1000 --seconds 1200

torture: .venv/dev.stamp  ## Break things on purpose, about two hours on two cores, and write docs/reliability.md; SECTION=name runs one experiment
	@tools/require-programs
	$(BIN)/python -m torture $(SECTION)

test: .venv/dev.stamp  ## Run all tests; as root, install chromium, strace, git, nginx and openssl for those that need them
	@tools/require-programs
	@# what is imported is compiled once, also for commands that tests start
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --numprocesses auto --dist worksteal

lint: .venv/dev.stamp  ## Check style, types and the rows of the house
	$(BIN)/python -m pytest tests/test_house.py

verify: validate test  ## Check the inputs and run all tests

docs: .venv/dev.stamp  ## Write the tables of the README from the code, and docs/dependencies.md
	$(BIN)/python -m tools.readme
	$(BIN)/python -m tools.dependencies

sbom: .venv/dev.stamp  ## Write the bill of materials of what runs: build/sbom.cdx.json (CycloneDX 1.6)
	@mkdir -p build
	$(BIN)/python -m tools.sbom > build/sbom.cdx.json

lock:  ## Pin all packages again, with hashes, for Python 3.11 to 3.13 (needs uv)
	$(LOCK) --group build --output-file requirements.txt
	$(LOCK) --extra parquet --group dev --constraints requirements.txt --output-file requirements-dev.txt

clean:  ## Remove what make made, but not the virtual environment and the stored plans
	rm -rf build/plans build/exports build/streets .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find cosmolocal tests -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed" >&2; exit 1; }
	@echo "1/4 making .venv with $(PYTHON)"
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt pyproject.toml | .venv/bin/python
	@echo "2/4 installing the pinned packages"
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --requirement requirements.txt
	@echo "3/4 installing cosmolocal"
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps --editable .
	@echo "4/4 compiling what the planner searches with"
	$(BIN)/python -c "from cosmolocal.planning.solvers import choosing, solution; choosing.get_ready(solution.Watch())"
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "installing what the tests need"
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@

$(PLAN): $(ORDERS) $(INPUTS) | .venv/run.stamp
	@mkdir -p $(@D)
	$(COSMOLOCAL) plan $(ORDERS) --out $@

build/exports/%: $(PLAN)
	@mkdir -p $(@D)
	$(COSMOLOCAL) export $(PLAN) --format $(patsubst .%,%,$(suffix $@)) > $@
