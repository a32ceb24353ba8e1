"""Makes a fleet of tenants on an appliance that goes wrong, kills the runs that make it, and counts what was lost.

`python -m chaos --tenants 1000 --seed 7`. It knows the appliance and `pulumi` as processes and over HTTPS only, and
refuses any appliance that it did not start itself.
"""
