# One command per task. CI and the README need neither just nor uv.

_default:
    @just --list --unsorted

# create or update the environment from uv.lock
setup:
    uv sync --locked --extra dev

# run the checks of CI, fastest first; .ci/run also tests the real az and a fresh environment
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

# format, and fix what the linter can fix
fix:
    uv run --extra dev ruff check --fix .
    uv run --extra dev ruff format .

# regenerate completions, reference, manual page and screenshots
generate:
    uv run --extra dev python scripts/generate_completions.py
    uv run --extra dev python scripts/generate_reference.py
    uv run --extra dev python scripts/screenshots.py
    uv run --extra dev python scripts/sandbox_coverage.py

# run all tests on every core, or some in one process: just test -n0 tests/meta -k readme
test *args:
    uv run --extra dev pytest {{ args }}

# test the page of a report in a headless Chromium; needs node, npm and chromium
browser:
    uv run --extra dev .ci/browser

# open a shell with azjit on the path and a new sandbox
try:
    AZJIT_SANDBOX=1 AZJIT_STATE_DIR="$(mktemp -d)" uv run "${SHELL:-bash}"

# run azjit without the development dependencies, to find any that pyproject.toml lacks
bare:
    uv run --isolated azjit --help
    uv run --isolated azjit demo

# measure how long commands take, next to gh and az where they are there
bench *args:
    uv run --extra dev python tests/bench/start.py {{ args }}

# measure batches and long listings, and write docs/explanation/performance.md, in ten minutes
performance:
    uv run --extra dev python tests/bench/performance.py

# build the wheel and the sdist into dist/
wheel:
    uv build

# run every block of the documentation
docs:
    uv run --extra dev pytest -q tests/meta/test_docs.py
