"""What must never be repeated: every secret that this process has met, and whatever looks like one. Knows no HTTP.

An answer may hold a secret that its request did not carry: that of another application, or of a tenant. So words of
an answer are quoted only without the values that are known here, and without those that have a secret's name or form.
"""

from __future__ import annotations

import re
import threading

SECRET = "[secret]"  # noqa: S105
SHORTEST_KNOWN = 8
_MOST = 10_000

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.DOTALL)
_TOKEN = re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_NAMED = re.compile(
    r"(?i)\b((?:client|admin|provisioning)?[_ -]?secret|\w*token|client_?assertion|password|passphrase|api_?key"
    r"|private_?key|authorization)"
    r"""(\\?["']?\s*[=:]\s*\\?["']?)(?!\[secret\])[^\s"'\\,;&<>{}]{6,}"""
)
# Longer than a client ID, and of a mixture that no name, domain or path of ours has.
_RANDOM = re.compile(r"(?<![\w-])(?=[\w+-]*[A-Z])(?=[\w+-]*[a-z])(?=[\w+-]*[0-9])[\w+-]{33,}={0,2}|\b[0-9a-f]{40,}\b")

_known: set[str] = set()
_lock = threading.Lock()


def remember(*secrets: str) -> None:
    """From now on these values are never repeated by this process. Short ones are words, and not remembered."""
    with _lock:
        _known.update(secret for secret in secrets if len(secret) >= SHORTEST_KNOWN)


def redacted(text: str) -> str:
    """A stranger's text without secrets. What is beyond the first 10,000 characters is cut off, and never quoted."""
    text = text[:_MOST]
    with _lock:
        met = sorted((secret for secret in _known if secret in text), key=len, reverse=True)
    for secret in met:
        text = text.replace(secret, SECRET)
    text = _PRIVATE_KEY.sub(SECRET, text)
    text = _TOKEN.sub(SECRET, text)
    text = _BEARER.sub(rf"\1 {SECRET}", text)
    text = _NAMED.sub(rf"\1\2{SECRET}", text)
    return _RANDOM.sub(SECRET, text)
