"""One client of a server that is killed again and again: asks, remembers what was acknowledged.

It needs the standard library only, so that eight of them start at once.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class Client:
    """Alice of Fabrikam, or Bob of Contoso where something is decided."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number
        self.random = random.Random(number)
        self.facts: dict[str, str] = json.loads((folder / "facts.json").read_text())
        self.log = (folder / f"client-{number}.jsonl").open("a", buffering=1)
        self._tokens: dict[str, str] = {}
        self._connection: http.client.HTTPSConnection | None = None

    def run(self) -> None:
        count = 0
        while not (self.folder / "stop").exists():
            count += 1
            name = f"client-{self.number}-{count}"
            self._step("PUT", "alice", f"{self.facts['managed']}/jitRequests/{name}", self._body())
            if count % 3 == 0:
                self._decide(name)
            if count % 5 == 0:
                self._step("DELETE", "alice", f"{self.facts['managed']}/jitRequests/{name}", None)

    def _decide(self, name: str) -> None:
        body = {
            "status": "Elevate",
            "subStatus": "Approved",
            "metadata": {"originRequestId": name},
        }
        path = f"{self.facts['application']}/updateAccess"
        self._step("POST", "bob", path, body, about=name)

    def _step(self, method: str, who: str, path: str, body: Any, about: str = "") -> None:
        """One write; its intent is written down before it, and what was acknowledged after it."""
        name = about or path.rsplit("/", 1)[-1]
        self._note(name, method, "sent")
        try:
            status = self._call(method, who, path, body)
        except _BROKEN:
            self._connection = None
            time.sleep(0.02)
            return
        self._note(name, method, str(status))

    def _note(self, name: str, method: str, what: str) -> None:
        self.log.write(json.dumps([name, method, what]) + "\n")

    def _call(self, method: str, who: str, path: str, body: Any) -> int:
        headers = {"Authorization": f"Bearer {self._token(who)}"}
        content = b"" if body is None else json.dumps(body).encode()
        connection = self._connected()
        connection.request(method, f"{path}?api-version=2021-07-01", content, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            form = {
                "grant_type": "password",
                "username": who,
                "password": "sandbox",
                "scope": "https://management.azure.com/.default",
            }
            connection = self._connected()
            connection.request("POST", "/organizations/oauth2/v2.0/token", urlencode(form))
            self._tokens[who] = json.loads(connection.getresponse().read())["access_token"]
        return self._tokens[who]

    def _connected(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            port = int((self.folder / "port").read_text())
            trust = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
            self._connection = http.client.HTTPSConnection(
                "localhost", port, context=trust, timeout=10
            )
        return self._connection

    def _body(self) -> dict[str, Any]:
        minutes = self.random.randrange(10, 120)
        return {
            "location": "westeurope",
            "properties": {
                "applicationResourceId": self.facts["application"],
                "jitAuthorizationPolicies": [
                    {"principalId": self.facts["alice"], "roleDefinitionId": CONTRIBUTOR}
                ],
                "jitSchedulingPolicy": {
                    "type": "Once",
                    "duration": f"PT{minutes}M",
                    "startTime": "2099-01-01T00:00:00Z",
                },
            },
        }


if __name__ == "__main__":
    Client(Path(sys.argv[1]), int(sys.argv[2])).run()
