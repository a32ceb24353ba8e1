"""The policy pack: `pulumi preview --policy-pack policy --policy-pack-config stacks/policy.json`."""

import sys
from pathlib import Path

# The engine runs this folder as a script, so the package that it is has to be found first.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from policy import pack

pack.serve()
