# One word for each thing a developer does. CI and the README need neither just nor uv.

_default:
    @just --list --unsorted

# make or renew the environment, exactly as uv.lock says
setup:
    uv sync --locked --extra dev

# what CI checks, fastest first; it tries the real az and a fresh environment besides: .ci/run
check:
    uv lock --check
    uv run --extra dev ruff format --check .
    uv run --extra dev ruff check .
    uv run --extra dev mypy
    uv run --extra dev lint-imports
    uv run --extra dev python scripts/generate_completions.py --check
    uv run --extra dev python scripts/generate_reference.py --check
    uv run --extra dev python scripts/screenshots.py --check
    uv run --extra dev python scripts/sandbox_coverage.py --check
    uv run --extra dev pytest -q

# format, and mend what the linter can mend
fix:
    uv run --extra dev ruff check --fix .
    uv run --extra dev ruff format .

# make anew what is made from the commands: completions, reference, manual, screenshots
generate:
    uv run --extra dev python scripts/generate_completions.py
    uv run --extra dev python scripts/generate_reference.py
    uv run --extra dev python scripts/screenshots.py
    uv run --extra dev python scripts/sandbox_coverage.py

# run the tests on every core, or some in one process: just test -n0 tests/meta -k readme
test *args:
    uv run --extra dev pytest {{ args }}

# a shell in which azjit is on the path and means the sandbox, with a world of its own
try:
    AZJIT_SANDBOX=1 AZJIT_STATE_DIR="$(mktemp -d)" uv run "${SHELL:-bash}"

# without the development dependencies: nothing may be missing from pyproject.toml
bare:
    uv run --isolated azjit --help
    uv run --isolated azjit demo

# how long a start takes: median and least of some runs
bench *args:
    uv run --extra dev python tests/bench/start.py {{ args }}

# build the wheel and the sdist into dist/
wheel:
    uv build

# run every block of the documentation
docs:
    uv run --extra dev pytest -q tests/meta/test_docs.py
