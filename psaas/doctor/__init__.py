"""What stands between this machine and an update: each thing looked at by itself, with the way to mend it.

checks       every check in its order, and running them         finding      what a check says
files        the stack file, settings, where secrets are        subject      what checks know and hand on
network      name, connection, certificate, clock               calls        optional calls, rate limits, generations
certificates whose they are, and what to do about one           sink         where teams read their credentials
access       tokens, their audience and scopes                  machine      escrow, engine, backend, state
sheet        the redacted answer sheet for a bug report         questions    what nobody could find out in public

No check sends a request that could change something on an appliance. One that fails doesn't stop those that don't
need what it looked for.
"""

from .checks import examine
from .finding import Finding
from .subject import Subject

__all__ = ["Finding", "Subject", "examine"]
