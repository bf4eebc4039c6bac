"""What a command did to each of several applications."""

from __future__ import annotations

from typing import NamedTuple

from azjit.domain.decisions import FAILED
from azjit.domain.reports import RequestReport, SettingsChange
from azjit.errors import AzjitError, Exit


class ApplicationRow(NamedTuple):
    """The result for one application: the request that was filed, or the change of its settings.

    `asked` is the application as typed, and `done` the word for what a read showed. One that
    `differs` from the settings of a file was only compared.
    """

    asked: str
    done: str
    report: RequestReport | None = None
    change: SettingsChange | None = None
    error: AzjitError | None = None
    differs: bool = False

    @property
    def exit(self) -> Exit:
        """The exit code of this row."""
        if self.error is not None:
            return self.error.exit
        return Exit.REFUSED if self.differs else Exit.DONE

    @property
    def word(self) -> str:
        """The result in a few words."""
        return FAILED.get(self.error.exit, "failed") if self.error is not None else self.done
