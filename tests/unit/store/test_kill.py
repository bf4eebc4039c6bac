from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from azjit.store.receipts import Outcome, Receipts

WRITER = """
import sys, threading, uuid
from datetime import UTC, datetime
from pathlib import Path
from azjit.store.receipts import Actor, Intent, Outcome, Receipts

store = Receipts(
    Path(sys.argv[1]), now=lambda: datetime.now(UTC), new_id=lambda: str(uuid.uuid4())
)
intent = Intent("approve", "/x", Actor("a", "b", "c", "d"), "u", "why " * 200, {})
say = threading.Lock()

def tell(text):
    with say:
        sys.stdout.write(text + "\\n")
        sys.stdout.flush()

def work():
    while True:
        opened = store.intend(intent)
        tell("i " + opened.id)
        opened.conclude(Outcome.CONFIRMED, state="Approved")
        tell("o " + opened.id)

# Several, so that a kill meets receipts that share a flush.
for _ in range(5):
    threading.Thread(target=work).start()
"""

ROUNDS = int(os.environ.get("AZJIT_KILL_ROUNDS", "3"))


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_no_acknowledged_receipt_is_lost_to_kills(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    told: list[str] = []
    for _ in range(2):
        told += killed_writers(tmp_path, chance)

    store = Receipts(tmp_path, now=lambda: datetime.now(UTC), new_id=lambda: str(uuid.uuid4()))
    before = store.verify()
    for found in store.unfinished():
        found.conclude(Outcome.UNCONFIRMED, state=None, reconciled=True)

    assert before.ok, before
    assert store.verify().ok
    assert not store.verify().torn
    kinds = {"i": "intent", "o": "outcome"}
    written = {(entry.kind, entry.id) for entry in store.entries()}
    assert {(kinds[line[0]], line[2:]) for line in told} <= written
    assert {name for kind, name in written if kind == "intent"} == {
        name for kind, name in written if kind == "outcome"
    }
    assert list((tmp_path / "open").iterdir()) == []
    assert told


def killed_writers(directory: Path, chance: random.Random) -> list[str]:
    """Run writers until random moments, and give the whole lines that they said."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(directory)], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline() if writer is writers[0] else None
    for writer in writers:
        time.sleep(chance.uniform(0.0, 0.15))
        writer.kill()
    said = [writer.communicate()[0].decode() for writer in writers]
    return [line for text in said for line in text.split("\n")[:-1]]
