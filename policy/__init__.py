"""Rules on what a stack may ask for. Imports nothing of psaas_resources: a second reading of the rules that matter.

facts        what rules are told about a stack                 rules        one pure function each, listed in ALL
settings     stacks/policy.json, checked and typed             waivers      a tenant for which a rule is waived
judgement    facts and settings -> findings                    messages     a finding as text, and back
pack         the rules as a Pulumi policy pack; with __main__ the only part that knows Pulumi
"""

from .facts import GrantFacts, StackFacts, TenantFacts
from .findings import Finding
from .judgement import judge
from .settings import Settings, SettingsError

__all__ = ["Finding", "GrantFacts", "Settings", "SettingsError", "StackFacts", "TenantFacts", "judge"]
