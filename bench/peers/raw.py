"""Tenant POSTs from eight threads with nothing around them: what the API itself can do. `raw.py TENANTS`."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import requests

RTA = os.environ["RTA"]
AUDIENCE = f"https://{RTA}/api/v2/"
of_thread = threading.local()


def session() -> requests.Session:
    if not hasattr(of_thread, "session"):
        of_thread.session = requests.Session()
        of_thread.session.headers["Authorization"] = f"Bearer {token}"
    return of_thread.session  # type: ignore[no-any-return]


def make(number: int) -> None:
    body = {"name": f"customer-{number}", "owners": ["me@email.com"]}
    session().post(f"{AUDIENCE}tenants", json=body, timeout=60).raise_for_status()


asked = {
    "grant_type": "client_credentials",
    "audience": AUDIENCE,
    "client_id": os.environ["CLIENT_ID"],
    "client_secret": os.environ["CLIENT_SECRET"],
}
answer = requests.post(f"https://{RTA}/oauth/token", json=asked, timeout=60)
answer.raise_for_status()
token = answer.json()["access_token"]
with ThreadPoolExecutor(8) as pool:
    list(pool.map(make, range(1, int(sys.argv[1]) + 1)))
