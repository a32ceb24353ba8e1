"""Finds, installs or builds the `pulumi` command, which the Python SDK does not bring.

routes.py         find() and obtain(): the four routes, in order
installed.py      an engine that is there, and runs: routes 1 and 2
cache.py          the user's cache folder: one maker at a time, whole engines or none
release.py        route 3: the official release
build.py          route 4: from Pulumi's Go modules, with go_command.py and virtual_environment.py
language_host.py  runs Python programs for a built engine; language_host_folder.py puts it there
recipe.py         which versions; processes.py, progress.py and errors.py serve all of them
"""

from engine.errors import NoEngineError
from engine.installed import Engine
from engine.routes import ROUTES, find, obtain

__all__ = ["ROUTES", "Engine", "NoEngineError", "find", "obtain"]
