"""With PyPI `auth0-python`: makes, changes and deletes a client grant, by the variables that were handed over."""

from __future__ import annotations

import json
import os
import sys

from auth0.management import ManagementClient

api = ManagementClient(
    domain=os.environ["AUTH0_DOMAIN"],
    client_id=os.environ["AUTH0_CLIENT_ID"],
    client_secret=os.environ["AUTH0_CLIENT_SECRET"],
)
application = api.clients.create(name="By the Python SDK", app_type="non_interactive")
client_id = str(application.client_id)
made = api.client_grants.create(client_id=client_id, audience=os.environ["AUTH0_AUDIENCE"], scope=["read:clients"])
changed = api.client_grants.update(str(made.id), scope=["read:clients", "read:connections"])
listed = list(api.client_grants.list(client_id=client_id))
api.client_grants.delete(str(made.id))
api.clients.delete(client_id)
json.dump({"made": made.scope, "changed": changed.scope, "listed": len(listed)}, sys.stdout)
