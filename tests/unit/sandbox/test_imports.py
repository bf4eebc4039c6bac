"""The core loads no heavy module, and nothing else of azjit."""

from __future__ import annotations

import subprocess
import sys


def test_core_loads_the_standard_library_only() -> None:
    code = (
        "import sys; import azjit.sandbox.core;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('requests', 'azure', 'cryptography', 'httpx', 'jwt', 'typer', 'ssl')"
        " or m.startswith('azjit.') and not m.startswith('azjit.sandbox')])"
    )

    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"
