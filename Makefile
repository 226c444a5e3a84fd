# make notebooks      execute the notebooks into runs/ (NB=01,03 some; DATA=auto|hub|bundled|FOLDER)
# make test           all tests, and the notebooks with their defaults
# make lab            JupyterLab on the notebooks
# make check          style, types, and the form of the notebooks
# make refresh        execute the committed notebooks in place (NB=01,03 some)
# make test-latest    all tests on the newest releases of everything
# make benchmark      measure speed and quality (PART=search|argilla|01|02|03|04, DATA=FOLDER)
# make colab          write the published repository's address into the notebooks (REPO=owner/name)
# Each sets up what it needs first. PYTHON=... names another Python than 3.11, VENV=... another folder.

PYTHON ?= $(shell python3.11 -c "print('python3.11')" 2>/dev/null || echo python3)
VENV ?= .venv
BIN = $(VENV)/bin
ONLY = $(if $(NB),--only $(NB))
# A notebook runs in its own folder, so a relative folder is completed here.
DATA_PATH = $(if $(filter auto hub bundled /% ~%,$(firstword $(DATA))),$(DATA),$(CURDIR)/$(DATA))

export JUPYTER_PREFER_ENV_PATH = 1

.PHONY: notebooks test lab check refresh test-latest benchmark colab setup

notebooks: setup
	$(BIN)/python -m helpers.notebooks run $(ONLY) $(if $(DATA),-p "DATA=$(DATA_PATH)")

test: setup
	home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
	HF_HUB_OFFLINE=1 ARGILLA_LOCAL_HOME=$$home $(BIN)/python -m pytest --nbmake --nbmake-timeout=1200 \
		tests helpers notebooks

lab: setup
	$(BIN)/jupyter lab notebooks

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m helpers.notebooks lint

refresh: setup
	$(BIN)/python -m helpers.notebooks refresh $(ONLY)

test-latest:
	$(MAKE) test VENV=.venv-latest REQUIREMENTS=requirements-latest.txt

benchmark: setup
	$(BIN)/python tests/benchmarks $(if $(PART),--part $(PART)) $(if $(DATA),--data "$(DATA_PATH)")

colab: setup
	$(BIN)/python -m helpers.colab $(REPO)

setup:
	@$(PYTHON) helpers/set_up.py --venv $(VENV) $(if $(REQUIREMENTS),--requirements $(REQUIREMENTS))
