"""Rows of a Review as tables of a report. Knows no markup and no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .document import Table, Text, Value, listed, marked, table
from .model import ApplicationAction, ApplicationRow, Finding, GrantRow, SettingRow, TenantAction, TenantRow, Waiver

TENANT_WORDS: Mapping[TenantAction, str] = {
    "create": "new",
    "adopt": "taken over",
    "inventory": "listed only",
    "recreate": "made again",
    "rotate": "new secret",
    "change": "changed",
    "look": "looked at again",
    "forget": "forgotten",
    "delete": "deleted",
    "refused": "refused",
    "unretire": "no longer retired",
    "drift": "drifted",
    "unchanged": "unchanged",
}
# The most dangerous first, so that what is cut from a long table is harmless.
TENANT_ORDER: tuple[TenantAction, ...] = (
    "refused", "unretire", "delete", "recreate", "adopt", "inventory", "forget", "drift", "rotate", "change", "create",
    "look", "unchanged",
)  # fmt: skip
TENANT_COLUMNS = ("Action", "Tenant", "Owners", "Domain", "Deletion", "Labels", "Difference", "Note", "Declared at")
APPLICATION_WORDS: Mapping[ApplicationAction, str] = {
    "create": "new",
    "adopt": "taken over",
    "rotate": "new secret",
    "change": "changed",
    "delete": "deleted",
    "refused": "refused",
    "drift": "drifted",
    "unchanged": "unchanged",
}
APPLICATION_COLUMNS = ("Action", "Application", "Client", "Difference", "Note")
GRANT_COLUMNS = ("Action", "Client grant", "Client", "Audience", "Scopes", "Added", "Removed")
SETTING_COLUMNS = ("Setting", "Before", "After", "Guarded")
FINDING_COLUMNS = ("Rule", "About", "What is wrong", "How to mend it", "Waived by")
WAIVER_COLUMNS = ("Rule", "Tenant", "Reason", "Approved by", "Until")


def tenants(rows: Iterable[TenantRow]) -> Table:
    """Tenants, the most dangerous action first."""
    ordered = sorted(rows, key=lambda row: (TENANT_ORDER.index(row.action), row.name))
    return table(TENANT_COLUMNS, (tuple(_tenant(row)) for row in ordered))


def _tenant(row: TenantRow) -> Iterator[Text]:
    yield (TENANT_WORDS[row.action],)
    yield (Value(row.name),)
    yield listed(row.owners)
    yield _value(row.domain)
    yield _value(row.deletion)
    yield listed(f"{name}={value}" for name, value in sorted(row.labels.items()))
    yield differences(row)
    yield marked(row.note, 300) if row.note else ()
    yield _value(row.place)


def differences(row: TenantRow | ApplicationRow) -> Text:
    """`owners: a → b`, one after the other."""
    parts: list[str | Value] = []
    for change in row.changes:
        parts += ["; "] if parts else []
        parts += [Value(change.name), " ", *_or_nothing(change.before), " → ", *_or_nothing(change.after)]
    return tuple(parts)


def applications(rows: Iterable[ApplicationRow]) -> Table:
    """Applications, by name."""
    return table(
        APPLICATION_COLUMNS,
        (
            (
                (APPLICATION_WORDS[row.action],),
                _value(row.name),
                _value(row.client_id),
                differences(row),
                marked(row.note, 300) if row.note else (),
            )
            for row in sorted(rows, key=lambda row: row.name)
        ),
    )


def grants(rows: Iterable[GrantRow]) -> Table:
    """Client grants, with the scopes that differ apart."""
    return table(
        GRANT_COLUMNS,
        (
            (
                ({"create": "new", "adopt": "taken over", "drift": "drifted"}.get(row.action, f"{row.action}d"),),
                _value(row.name),
                _value(row.client_id),
                _value(row.audience),
                listed(sorted(row.scopes)),
                listed(f"+{scope}" for scope in sorted(row.added)),
                listed(f"-{scope}" for scope in sorted(row.removed)),
            )
            for row in sorted(rows, key=lambda row: row.name)
        ),
    )


def settings(rows: Iterable[SettingRow]) -> Table:
    """Settings that differ. What is empty was not set."""
    return table(
        SETTING_COLUMNS,
        (
            (_value(row.key), _or_nothing(row.before), _or_nothing(row.after), _guarded(row))
            for row in sorted(rows, key=lambda row: (not row.guarded, row.key))
        ),
    )


def _guarded(row: SettingRow) -> Text:
    if not row.guarded:
        return ()
    return ("approved by ", Value(row.approved_by)) if row.approved_by else ("not approved",)


def findings(found: Iterable[Finding]) -> Table:
    """What rules say: mandatory ones first, and by rule."""
    ordered = sorted(found, key=lambda f: (f.level != "mandatory", f.rule, f.subject, f.message))
    return table(
        FINDING_COLUMNS,
        (
            (
                _value(f.rule),
                _value(f.subject) or ("the stack",),
                marked(f.message, 300),
                marked(f.mend, 300) if f.mend else (),
                _value(f.waived_by),
            )
            for f in ordered
        ),
    )


def waivers(rows: Iterable[Waiver]) -> Table:
    ordered = sorted(rows, key=lambda w: (w.until, w.rule, w.tenant))
    return table(
        WAIVER_COLUMNS,
        ((_value(w.rule), _value(w.tenant), _value(w.reason), _value(w.approver), _value(w.until)) for w in ordered),
    )


def _value(text: str) -> Text:
    return (Value(text),) if text else ()


def _or_nothing(text: str) -> Text:
    return (Value(text, 200),) if text else ("nothing",)
