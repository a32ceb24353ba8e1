"""Many client grants by our own resource: one for each application that `grants.json` names."""

import json
from pathlib import Path

from psaas_resources import ClientGrant

for client_id in json.loads(Path("grants.json").read_text(encoding="utf-8")):
    ClientGrant(client_id, client_id=client_id, scopes=["read:clients"])
