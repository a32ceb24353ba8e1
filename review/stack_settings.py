"""The settings of a stack file beside its tenants, as texts that may be published. Pure.

Secrets are fingerprints of their ciphertexts, which can't be guessed; one that is given in clear has no fingerprint,
since a short secret could be found by trying.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from .model import SettingRow

# Whoever changes one of these may lead secrets, or the people who use the tenants, elsewhere.
GUARDED = frozenset({
    *(
        f"psaas:{key}"
        for key in (
            "domain", "tenantDomain", "clientId", "manageApplication", "adoptApplication", "adminClientId", "connectTo",
            "caBundle", "exportCredentials",
            "escrow", "escrowDir", "escrowDurable", "escrowKey", "clientSecret", "clientKey", "applicationPrivateKey",
            "adminClientSecret", "credentials", "sink", "sinkToken", "sinkSecretId", "sinkCaBundle",
        )
    ),
    "encryptionsalt", "encryptedkey", "secretsprovider", "environment",
})  # fmt: skip
SECRET = frozenset(
    f"psaas:{key}"
    for key in (
        "clientSecret", "clientKey", "applicationPrivateKey", "adminClientSecret", "credentials", "escrowKey",
        "sinkToken", "sinkSecretId",
    )
)  # fmt: skip
NO_SETTINGS = frozenset(
    f"psaas:{key}" for key in ("tenants", "retired", "deletion", "scopes", "settings", "managementClient")
)
_OF_TENANTS = re.compile(r"psaas:tenants\..*\.(settings|managementClient)")
IN_CLEAR = "given in clear"
LONGEST = 300


def of_file(text: str) -> dict[str, str]:
    """Every setting of a stack file but its tenants and scopes; {} if it isn't one, which others report.

    A key without a namespace is in the project's, as for the engine: `escrow` is `psaas:escrow`.
    """
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    document = document if isinstance(document, dict) else {}
    config = document.get("config")
    config = {str(key): value for key, value in config.items()} if isinstance(config, dict) else {}
    given = {
        **{str(key): value for key, value in document.items() if key != "config"},
        **{key if ":" in key else f"psaas:{key}": value for key, value in config.items()},
    }
    return {key: shown(key, value) for key, value in sorted(given.items()) if key not in NO_SETTINGS}


def shown(key: str, value: Any) -> str:
    """A setting's value as it may be published."""
    if _has_ciphertext(value):
        return f"encrypted, fingerprint {_fingerprint(value)}"
    if key in ("encryptionsalt", "encryptedkey"):
        return f"fingerprint {_fingerprint(value)}"
    if key in SECRET or _has_secret_name(key):
        return IN_CLEAR
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… fingerprint {_fingerprint(value)}"


def differences(
    before: Mapping[str, str], after: Mapping[str, str], *, approved_by: str = ""
) -> tuple[SettingRow, ...]:
    """A row for each setting that differs; `approved_by` names who approved the guarded ones."""
    return tuple(
        SettingRow(key, before.get(key, ""), after.get(key, ""), key in GUARDED, approved_by if key in GUARDED else "")
        for key in sorted({*before, *after})
        if before.get(key, "") != after.get(key, "") and not _has_rows(key)
    )


def _has_rows(key: str) -> bool:
    """Whether it is told by the rows of tenants; an inventory of an earlier version has it here."""
    return key in NO_SETTINGS or _OF_TENANTS.fullmatch(key) is not None


def _has_ciphertext(value: Any) -> bool:
    if isinstance(value, dict):
        return "secure" in value or any(map(_has_ciphertext, value.values()))
    return isinstance(value, list) and any(map(_has_ciphertext, value))


def _has_secret_name(key: str) -> bool:
    return bool(re.search(r"secret(?!sprovider)|password|passphrase|token|private|key$", key, re.IGNORECASE))


def _fingerprint(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
