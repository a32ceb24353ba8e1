"""The one issue of a stack that has drifted: opened, kept up to date, closed. Knows no HTTP."""

from __future__ import annotations

from pipeline.forge import Forge

LIMIT = 60_000


def mark(stack: str) -> str:
    return f"<!-- psaas-drift {stack} -->"


def update(forge: Forge, stack: str, *, drifted: bool, report: str, run_url: str) -> str:
    """What was done, in words. Only an issue of our own author counts, whoever copies its mark."""
    first = mark(stack)
    found = next((issue for issue in forge.open_issues() if issue.body.startswith(first)), None)
    if not drifted:
        if found is None:
            return "no drift, and no issue is open"
        forge.close_issue(found.number, f"No drift any more: {run_url}" if run_url else "No drift any more.")
        return f"no drift any more; issue {found.number} is closed"
    if len(report) > LIMIT:
        report = report[:LIMIT].rpartition("\n")[0] + "\n\n**The report is cut here.**"
    body = f"{first}\n{report}\n\nLast seen by {run_url or 'a run by hand'}."
    url = forge.write_issue(f"Drift in {stack}", body, over=found.number if found else None)
    return f"drift; {'updated' if found else 'opened'} {url}"
