"""The rules of deciding, pure: what may be decided, and which settings make sense."""

from __future__ import annotations

