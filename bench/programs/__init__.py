"""Pulumi programs to be compared with the repository's own; each is linked as the `__main__.py` of a project."""
