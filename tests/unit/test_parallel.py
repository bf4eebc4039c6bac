"""Work in several threads: no item is lost, however fast it is."""

from __future__ import annotations

import pytest

from azjit.services.parallel import as_completed, each


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_work_that_is_done_at_once_gives_every_result(count: int) -> None:
    many = range(count)

    assert sorted(as_completed(str, many)) == sorted(map(str, many))
    assert list(each(str, many)) == list(map(str, many))
