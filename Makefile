# Kinesis Lab. Needs only make and Python 3.11 or newer; uses uv where it is on the PATH, pip where not.
#   make lab     the course in JupyterLab         make lab EDITION=pt-BR    in Brazilian Portuguese
#   make test    everything CI checks             make help                 the rest

PYTHON ?= python3
EDITION ?= en
PORT ?= 4567
LAB_FLAGS ?=
SECTIONS ?=
WORKERS ?= 2
SEED ?= 0

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
NODE := tests/clients/node
GO := tests/clients/go
NODE_INSTALLED := $(NODE)/node_modules/.package-lock.json
LINTERS_INSTALLED := node_modules/.package-lock.json
JVM := tests/clients/jvm
JVM_BUILT := $(JVM)/target/classpath.txt
JVM_MEDIA := tests/clients/jvm_media
JVM_MEDIA_BUILT := $(JVM_MEDIA)/target/classpath.txt
KVSPARSER := tests/clients/kvsparser
KVSPARSER_INSTALLED := $(KVSPARSER)/target/.installed
NOTEBOOKS := notebooks/en notebooks/pt-BR
# Two workers share the tests by file; the log keeps what took longest.
PYTEST := $(PY) -m pytest --numprocesses $(WORKERS) --no-loadscope-reorder
SLOWEST := --durations 40 --durations-min 0.5

# Lessons call `aws` and `python` by name: the kernel must find those of the environment.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help lab demo serve test quick laws fuzz mutants format lint scripts types gathered node-client go-client kvsparser-client jvm-client test-jvm unit drift nbval \
  notebooks bench flink-truth flink-live forest-truth crash soak constraints audit clean

help: ## What each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Kinesis Lab needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@if command -v uv >/dev/null; then uv venv --quiet --seed --clear --python $(PYTHON) $(VENV); \
	  else $(PYTHON) -m venv --clear $(VENV); fi

$(INSTALLED): pyproject.toml constraints.txt | $(PY)
	@echo "Installing what $(VENV) lacks (the first time takes a minute or two)"
	@if command -v uv >/dev/null; then \
	    uv pip install --quiet --python $(PY) --constraint constraints.txt --editable '.[lab,firehose,exam,video,webrtc,forest,test]'; \
	  else \
	    $(PY) -m pip install --quiet --constraint constraints.txt --editable '.[lab,firehose,exam,video,webrtc,forest,test]'; fi
	@touch $@

lab: $(INSTALLED) ## JupyterLab on the first lesson (EDITION=en or pt-BR)
	$(PY) -m kinesis_sim lab --edition $(EDITION) -- $(LAB_FLAGS)

demo: $(INSTALLED) ## The control room in the browser: break a stream, and cure it (EDITION=en or pt-BR)
	$(PY) -m kinesis_sim demo --edition $(EDITION)

serve: $(INSTALLED) ## The simulator as an HTTP endpoint for any AWS client (PORT=4567)
	$(PY) -m kinesis_sim serve --port $(PORT)

# CHECKED: what a run has just checked beside its downloads, and need not check again.
test: $(filter-out $(CHECKED),lint types node-client go-client drift) unit nbval ## Everything CI checks

quick: $(INSTALLED) lint ## Tests for while you work, under two minutes: nothing slow, laws with few examples
	$(PYTEST) -m 'not slow' --hypothesis-profile quick

laws: $(INSTALLED) ## Every law with ten times the examples of CI
	$(PYTEST) $(SLOWEST) --hypothesis-profile full tests/laws

mutants: $(INSTALLED) ## Quotas, delays and the model's choices doubled in turn: some test must notice each
	$(PY) -m tests.mutants

fuzz: $(INSTALLED) ## Hostile bytes for every reader (ROUNDS=20000: inputs each; SEED=0); goes on where it was ended
	$(PY) -m tests.fuzz $(or $(ROUNDS),20000) $(SEED) --workers $(WORKERS)

format: $(INSTALLED) ## Write the code as ruff wants it
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lint: $(INSTALLED) scripts ## ruff and eslint: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

$(LINTERS_INSTALLED): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

scripts: ## The widgets' scripts: eslint and types (tsc), where Node.js is found
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(LINTERS_INSTALLED) && npm run --silent lint; \
	  elif [ -n "$$KINESIS_LAB_REQUIRE_NODE" ]; then echo "npm not found, and KINESIS_LAB_REQUIRE_NODE is set"; exit 1; \
	  else echo "npm not found: the widgets' scripts are not linted"; fi

gathered: $(INSTALLED) kvsparser-client ## Every test can be imported; what that compiles is there for the workers
	@$(PY) -m pytest --collect-only --quiet --quiet

types: $(INSTALLED) ## mypy --strict
	$(PY) -m mypy --strict kinesis_sim

$(NODE_INSTALLED): $(NODE)/package-lock.json
	npm ci --prefix $(NODE) --no-audit --no-fund
	@touch $@

node-client: ## The JavaScript SDK for the client tests, where Node.js is found
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE_INSTALLED); \
	  elif [ -n "$$KINESIS_LAB_REQUIRE_NODE" ]; then echo "npm not found, and KINESIS_LAB_REQUIRE_NODE is set"; exit 1; \
	  else echo "npm not found: the JavaScript client tests will be reported as not run"; fi

$(JVM_BUILT): $(JVM)/pom.xml $(wildcard $(JVM)/src/main/java/kinesislab/*.java)
	@echo "Building the JVM clients (the first time brings 200 MB of Amazon's libraries)"
	mvn --quiet --batch-mode -Dstyle.color=never --file $(JVM) compile dependency:build-classpath
	@touch $@

$(JVM_MEDIA_BUILT): $(JVM_MEDIA)/pom.xml $(wildcard $(JVM_MEDIA)/src/main/java/kinesislab/*.java)
	mvn --quiet --batch-mode -Dstyle.color=never --file $(JVM_MEDIA) compile dependency:build-classpath
	@touch $@

$(GO)/target/job: $(GO)/go.mod $(GO)/go.sum $(wildcard $(GO)/*.go)
	cd $(GO) && go build -o target/job .

go-client: ## The Go SDK for the client tests, where Go is found
	@if command -v go >/dev/null; then $(MAKE) --no-print-directory $(GO)/target/job; \
	  elif [ -n "$$KINESIS_LAB_REQUIRE_GO" ]; then echo "go not found, and KINESIS_LAB_REQUIRE_GO is set"; exit 1; \
	  else echo "go not found: the Go client test will be reported as not run"; fi

$(KVSPARSER_INSTALLED): $(KVSPARSER)/requirements.txt | $(INSTALLED)
	rm -rf $(@D)
	$(PY) -m pip install --quiet --no-deps --disable-pip-version-check --target $(@D) --requirement $<
	rm -rf $(@D)/tests
	@touch $@

kvsparser-client: $(KVSPARSER_INSTALLED) ## A consumer of GetMedia for the client tests

jvm-client: ## Amazon's KCL and KPL for the client tests, where Maven is found
	@if command -v mvn >/dev/null; then $(MAKE) --no-print-directory $(JVM_BUILT) $(JVM_MEDIA_BUILT); \
	  elif [ -n "$$KINESIS_LAB_REQUIRE_JVM" ]; then echo "mvn not found, and KINESIS_LAB_REQUIRE_JVM is set"; exit 1; \
	  else echo "mvn not found: the JVM client tests will be reported as not run"; fi

test-jvm: $(INSTALLED) jvm-client ## KCL and KPL through a split and a merge (a minute)
	$(PY) -m pytest tests/clients/test_jvm.py tests/clients/test_java_sdk.py tests/clients/test_jvm_media.py

unit: $(INSTALLED) node-client go-client kvsparser-client ## pytest over tests/, browser and client tests included
	$(PYTEST) $(SLOWEST)

drift: $(INSTALLED) ## Committed notebooks are what their sources build; what they print is nbval's
	$(PY) -m kinesis_sim notebooks --check --no-run

nbval: $(INSTALLED) ## Every notebook cell gives its committed output
	$(PYTEST) --dist loadfile --max-worker-restart 0 $(SLOWEST) --nbval --nbval-current-env --nbval-cell-timeout=60 \
	  --nbval-sanitize-with tests/sanitize.cfg $(NOTEBOOKS)

notebooks: $(INSTALLED) ## Build and run notebooks/en and notebooks/pt-BR from their sources
	$(PY) -m kinesis_sim notebooks

bench: $(INSTALLED) ## Speed and memory beside public peers (SECTIONS="http --peers": some, and get the peers)
	$(PY) -m benchmarks $(SECTIONS)

flink-truth: $(INSTALLED) ## Ask real Flink again what tests/flink holds the simulator to (needs Java and Maven)
	$(PY) -m tests.flink.truth

flink-live: $(INSTALLED) ## Real Flink reads 2,000 rows of a server, writes 90 to each sink: none lost (needs Java and Maven)
	$(PY) -m tests.flink.live

forest-truth: $(INSTALLED) ## Ask AWS's own forest again what tests/forest holds ours to (needs Java and Maven)
	$(PY) -m tests.forest.truth

soak: $(INSTALLED) jvm-client ## Half an hour of load on a server, KCL among it: memory, losses, p99 (SECONDS=1800)
	$(PY) -m tests.soak --seconds $(or $(SECONDS),1800)

crash: $(INSTALLED) ## 200 rounds of kill -9, torn logs and full disks on a server with a data folder (ROUNDS=200)
	$(PY) -m tests.journal.crash --rounds $(or $(ROUNDS),200)

constraints: $(INSTALLED) ## Pin again what pyproject.toml allows today (needs uv)
	uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
	  --all-extras --no-annotate --no-header pyproject.toml --output-file constraints.txt

audit: $(INSTALLED) ## Installed versions, licences, and known holes (those need pip-audit and a network)
	$(PY) -m tests.project.audit

clean: ## Remove the environment and every cache
	rm -rf $(VENV) node_modules $(NODE)/node_modules $(JVM)/target $(GO)/target $(JVM_MEDIA)/target $(KVSPARSER)/target build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
