.PHONY: run test check tour bench messages lock
PYTHON ?= python3
# Without compiled files every process would compile the whole of Django anew.
unexport PYTHONDONTWRITEBYTECODE

run:            ## set everything up, start everything, print address and login
	@$(PYTHON) scripts/setup.py run
	@exec .venv/bin/carteira serve --demo

test:           ## set everything up and run all tests
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(ARGS)

check:          ## the fast checks: format, lint, types, imports, templates
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/ruff format --check -q . && .venv/bin/ruff check -q .
	@.venv/bin/lint-imports --no-cache > build/imports.log || { cat build/imports.log; exit 1; }
	@.venv/bin/djlint --check --lint --quiet carteira

tour:           ## a picture of every screen into build/tour/
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/python scripts/tour.py $(ARGS)

bench:          ## the measured budgets into bench/README.md
	@$(PYTHON) scripts/setup.py test
	@.venv/bin/python -m bench $(ARGS)

messages:       ## bring the translation catalogues up to date with the code
	@.venv/bin/python scripts/messages.py update

lock:           ## renew both lock files
	@.venv/bin/python scripts/lock.py
