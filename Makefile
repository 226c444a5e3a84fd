# make notebooks      execute the notebooks into runs/ (NB=01,03 some; DATA=auto|hub|bundled|FOLDER;
#                     PARAMS="SEED=3 NAME='my news'" other parameters)
# make test           all tests, and the notebooks with their defaults (TIER=quick|real|notebook some)
# make lab            JupyterLab on copies of the notebooks, in lab/ (NB=01 some; ARGS="--no-browser")
# make check          style, types, and the form of the notebooks
# make refresh        execute the committed notebooks in place (NB=01,03 some)
# make test-latest    all tests on the newest releases of everything
# make benchmark      measure speed and quality (PART=search|argilla|01|02|03|04, DATA=FOLDER)
# make colab          write the published repository's address into the notebooks (REPO=owner/name)
# Each sets up what it needs first. PYTHON=... names another Python than 3.11, VENV=... another folder.

PYTHON ?= $(shell python3.11 -c "print('python3.11')" 2>/dev/null || echo python3)
VENV ?= .venv
BIN = $(VENV)/bin
ONLY = $(if $(NB),--only "$$NB")

# A misspelled variable would be ignored without a word.
takes_notebooks = NB DATA PARAMS
takes_test = TIER
takes_lab = NB ARGS
takes_refresh = NB
takes_benchmark = PART DATA
takes_colab = REPO
GOALS = $(or $(MAKECMDGOALS),notebooks)
TAKEN = $(sort $(foreach goal,$(GOALS),$(takes_$(goal))))
GIVEN = $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
UNKNOWN = $(filter-out $(TAKEN) PYTHON VENV REQUIREMENTS,$(GIVEN))
ifneq ($(strip $(UNKNOWN)),)
$(error make $(GOALS) takes no $(strip $(UNKNOWN)), only $(TAKEN) PYTHON VENV. Parameters of the notebooks \
go into PARAMS, as in: make notebooks PARAMS="SEED=3")
endif
ifneq ($(filter-out quick real notebook,$(TIER)),)
$(error TIER=$(TIER) is no tier of the tests: quick, real or notebook)
endif

# The shell reads what was given from the environment: as it is, quotes and blanks included.
export NB DATA PARAMS ARGS PART REPO
export JUPYTER_PREFER_ENV_PATH = 1

.PHONY: notebooks test lab check refresh test-latest benchmark colab setup

notebooks: setup
	@$(BIN)/python -m helpers.notebooks run $(ONLY) $(if $(DATA),-p "DATA=$$DATA") --parameters "$$PARAMS"

# Two files of tests side by side, each process with one thread: two would wait for each other's cores. What make
# was told is not for the makes that tests start.
test: setup
	home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
	MAKEFLAGS= HF_HUB_OFFLINE=1 ARGILLA_LOCAL_HOME=$$home OMP_NUM_THREADS=1 $(BIN)/python -m pytest \
		-n 2 --dist loadfile --no-loadscope-reorder $(if $(TIER),-m $(TIER)) \
		--nbmake --nbmake-timeout=1200 notebooks tests helpers

lab: setup
	@$(BIN)/python -m helpers.notebooks lab $(ONLY) --arguments="$$ARGS"

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
	$(BIN)/python tests/benchmarks $(if $(PART),--part "$$PART") $(if $(DATA),--data "$$DATA")

colab: setup
	$(BIN)/python -m helpers.colab "$$REPO"

setup:
	@$(PYTHON) helpers/set_up.py --venv $(VENV) $(if $(REQUIREMENTS),--requirements $(REQUIREMENTS))
