"""Stack files and included files as texts that are changed in a few places: what people wrote around them stays.

insertion   items at the end of a list            nodes     where something stands, and where it ends
values      fields of entries, set in their place wording   values as lines of YAML that mean what they say
"""
