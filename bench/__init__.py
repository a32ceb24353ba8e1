"""Measures what tenants cost, side by side with the engine's own floor and with what people use instead.

`python -m bench`. It knows the project by its program, its stack files and `pulumi`, the appliance by HTTPS, and
refuses any appliance that it did not start itself. docs/speed.md explains the rows and their settings.
"""
