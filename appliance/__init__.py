"""A local stand-in for a whole Auth0 Private SaaS appliance, for development and tests only.

`python -m appliance --data DIR` starts it. One process is the root tenant authority and every tenant: `app` has the
routes, `gate` is where each request passes, `call` reads and authorises it, each noun has a file of its own
(`tenants`, `client_grants`, …), `store` and `schema` keep what they know. It answers from its own reading of the API
and shares no code with the client of this project.
"""
