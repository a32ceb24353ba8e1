"""Runs the stack `local` of this clone, against the local appliance, without touching anything of the user's.

folder.py      where everything lies: `.psaas/` in the clone, ignored by Git
pulumi.py      runs `pulumi`, ends it gently, and clears up after one that died
appliance.py   starts and stops the local appliance as a process of its own
environment.py what `pulumi` must be given to use all this
__main__.py    the commands behind `make up`, `make preview`, `make env`, `make down` and the others
"""
