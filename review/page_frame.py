"""What every HTML page of ours begins and ends with: it loads nothing, and runs nothing but its own script. Pure."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape


def framed(main: str, *, title: str, style: str, script: str = "") -> str:
    """`main` as a whole page. Style and script are known by their hashes, whatever else might get into it."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    policy = f"default-src 'none'; style-src {_hash(style)}; {scripts}base-uri 'none'; form-action 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
<main>
{main}
</main>
{f"<script>{script}</script>{chr(10)}" if script else ""}</body>
</html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
