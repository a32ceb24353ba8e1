"""The vendor's how-to as a script on auth0-python: grant, token, tenants, a token of each. `script.py TENANTS THREADS`.

auth0-python has no call that makes tenants, so that one is a plain request, on one session for all threads.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from auth0.authentication import GetToken
from auth0.management import ManagementClient

RTA = os.environ["RTA"]
AUDIENCE = f"https://{RTA}/api/v2/"
tenants, threads = int(sys.argv[1]), int(sys.argv[2])

admin = ManagementClient(
    domain=RTA, client_id=os.environ["ADMIN_CLIENT_ID"], client_secret=os.environ["ADMIN_CLIENT_SECRET"]
)
admin.client_grants.create(client_id=os.environ["CLIENT_ID"], audience=AUDIENCE, scope=["create:tenants"])
provisioning = GetToken(RTA, os.environ["CLIENT_ID"], client_secret=os.environ["CLIENT_SECRET"])
session = requests.Session()
session.headers["Authorization"] = f"Bearer {provisioning.client_credentials(AUDIENCE)['access_token']}"


def make(number: int) -> dict[str, str]:
    body = {"name": f"customer-{number}", "owners": ["me@email.com"]}
    answer = session.post(f"{AUDIENCE}tenants", json=body, timeout=60)
    answer.raise_for_status()
    made = answer.json()
    tenant = GetToken(made["domain"], made["client_id"], client_secret=made["client_secret"])
    tenant.client_credentials(f"https://{made['domain']}/api/v2/")
    return {name: made[name] for name in ("domain", "client_id", "client_secret")}


with ThreadPoolExecutor(threads) as pool:
    credentials = list(pool.map(make, range(1, tenants + 1)))
file = Path("credentials.json")
file.touch(mode=0o600)
file.write_text(json.dumps(credentials), encoding="utf-8")
