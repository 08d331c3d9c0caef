# Joey's tasks. Everything they obtain or build lies in .cache/ and bin/; nothing outside the checkout is touched.

CACHE  := $(CURDIR)/.cache
VENV   := $(CACHE)/venv
PYTHON := $(VENV)/bin/python

# Go's own caches and pip's are kept below .cache/ too.
export GOCACHE              = $(CACHE)/go-build
export GOMODCACHE           = $(CACHE)/go-mod
export GOFLAGS             += -modcacherw
export PIP_CACHE_DIR        = $(CACHE)/pip
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export STATICCHECK_CACHE    = $(CACHE)/staticcheck
export ORT_DISABLE_TELEMETRY = 1
export JOEY_HOME            = $(CACHE)/home
export JUPYTER_CONFIG_DIR   = $(CACHE)/jupyter/config
export JUPYTER_DATA_DIR     = $(CACHE)/jupyter/data
export JUPYTER_RUNTIME_DIR  = $(CACHE)/jupyter/runtime
export JUPYTER_PLATFORM_DIRS = 1
export IPYTHONDIR           = $(CACHE)/jupyter/ipython

# What the tests are given: the binary, the Python clients and the ONNX Runtime that make installs.
TEST_ENV = JOEY_BIN=$(CURDIR)/bin/joey JOEY_PYTHON=$(PYTHON) \
	ONNXRUNTIME_SHARED_LIBRARY_PATH=$$(ls $(CACHE)/home/lib/libonnxruntime.so $(CACHE)/home/lib/libonnxruntime.dylib 2>/dev/null)

NOTEBOOK := shadow-deployment

.PHONY: all build generate venv install demo test check race bench conformance fuzz outputs clean
all: build

## build: bin/joey
build: generate
	@go build -o bin/joey .
# Of a file that the linker has just written, Linux maps 2 MB where a byte is needed; of a copy only what is near.
	@cp bin/joey bin/joey.copy && mv bin/joey.copy bin/joey

## generate: export data and symbol tables of the Go that builds Joey, and of the SDK
generate:
	@go generate ./cell/exports ./cell/symbols

## venv: the Python clients that Joey is checked against, pinned
venv: $(VENV)/.ready
$(VENV)/.ready: testdata/requirements.txt
	@python3 -m venv $(VENV)
	@mkdir -p $(CACHE)/jupyter/ipython
	@$(PYTHON) -m pip install --quiet --requirement testdata/requirements.txt
	@touch $@

## install: the kernel in the private environment, and ONNX Runtime
install: build venv
	@bin/joey install --prefix $(VENV)

## demo: runs the tutorial's notebook through Jupyter and prints where the result is
demo: install
	@mkdir -p $(CACHE)/demo
	@$(VENV)/bin/jupyter nbconvert --log-level WARN --execute --to notebook \
		--output-dir $(CACHE)/demo --output $(NOTEBOOK).ipynb notebooks/$(NOTEBOOK).ipynb
	@$(VENV)/bin/jupyter nbconvert --log-level WARN --to html --output-dir $(CACHE)/demo $(CACHE)/demo/$(NOTEBOOK).ipynb
	@echo "The executed notebook: $(CACHE)/demo/$(NOTEBOOK).ipynb"
	@echo "The same as a page:    $(CACHE)/demo/$(NOTEBOOK).html"

## test: everything set up, the code checked, the tests passed; those of cells with either engine
test: install check
	@$(TEST_ENV) go test ./...
	@$(TEST_ENV) JOEY_ENGINE=closure go test ./cell ./cell/conformance ./cell/random

## check: format, vet, staticcheck
check: generate
	@test -z "$$(git ls-files -z '*.go' ':!testdata' | xargs -0 gofmt -l)" || { echo "gofmt would change:"; git ls-files -z '*.go' ':!testdata' | xargs -0 gofmt -l; exit 1; }
	@go vet ./...
	@go tool staticcheck ./...

## race: the tests under the race detector
race: install
	@$(TEST_ENV) go test -race ./...

## bench: every figure as a ratio within one run
bench: install
	@$(TEST_ENV) sh testdata/bench/run

## conformance: the programs of Go's own test suite, each result held against a committed table
conformance: install
	@$(TEST_ENV) JOEY_CONFORMANCE=1 go test ./cell/conformance -run TestPrograms -count=1 -timeout 240m -v
	@$(TEST_ENV) JOEY_CONFORMANCE=1 JOEY_ENGINE=closure go test ./cell/conformance -run TestPrograms -count=1 -timeout 240m -v

## fuzz: random programs beside compiled Go for RANDOM (default 10m), 200 rounds of killed writers of one log, 1000 mutated models and as many inputs, 100
## stores with flipped bytes in each kind of file, a minute of deployments under load, then each fuzz target for FUZZTIME (default 30s)
fuzz: install
	@$(TEST_ENV) JOEY_FUZZ=$(or $(RANDOM),10m) JOEY_ENGINE=closure go test ./cell/random -run TestDifferential -count=1 -timeout 60m -v
	@$(TEST_ENV) JOEY_FUZZ=$(or $(RANDOM),10m) go test ./cell/random -run TestDifferential -count=1 -timeout 60m -v
	@$(TEST_ENV) JOEY_CRASH_ROUNDS=200 go test ./engine/logs -run TestKilledWriters -count=1 -timeout 60m -v
	@$(TEST_ENV) JOEY_MUTANTS=1000 go test ./engine ./sdk -run TestMutated -count=1 -timeout 60m -v
	@$(TEST_ENV) JOEY_REDEPLOY=1m go test ./engine -run TestRedeploying -count=1 -timeout 60m -v
	@$(TEST_ENV) sh testdata/fuzz/run $(or $(FUZZTIME),30s)

## outputs: run the notebooks once more, each on an empty store, and store their outputs in them, for readers on the web
outputs: install
	@for notebook in notebooks/*.ipynb; do \
		rm -rf $(CACHE)/outputs; \
		$(TEST_ENV) JOEY_HOME=$(CACHE)/outputs $(VENV)/bin/jupyter nbconvert --log-level WARN --execute --inplace \
			--ExecutePreprocessor.record_timing=False $$notebook || exit 1; \
	done

clean:
	@rm -rf bin $(CACHE)
