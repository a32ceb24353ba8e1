"""What is taken out of a stranger's words before they are repeated, and what stays readable."""

from __future__ import annotations

import secrets

import pytest

from psaas_resources import redaction
from psaas_resources.redaction import redacted
from psaas_resources.settings import Credential

RANDOM = "k7Jq2vX9sB4tYpLw0ZrN5mGhTdCfAe8UiOoPqRsTuVwXyZ1234567890abcdEFGH"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL3J0YS8ifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"Bad client secret {RANDOM}", "Bad client secret [secret]"),
        (f"token {JWT} has expired", "token [secret] has expired"),
        (f"got {JWT.partition('.')[0]}", "got [secret]"),
        ("client_secret=hunter2-hunter2&x=1", "client_secret=[secret]&x=1"),
        ('in {"access_token": "opaque-token-1"}', 'in {"access_token": "[secret]"}'),
        (r"in {\"clientSecret\":\"shorter\"}", r"in {\"clientSecret\":\"[secret]\"}"),
        ("password: open-sesame", "password: [secret]"),
        ("Authorization header Bearer abcdefgh.ijkl", "Authorization header Bearer [secret]"),
        ("key 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "key [secret]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END", "[secret]"),
    ],
)
def test_what_looks_like_a_secret_is_not_repeated(said: str, told: str) -> None:
    assert redacted(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "A client grant already exists between AaiyAPdpYdesoKnqjj8HJqRn4T5titww and https://rta.example.com/api/v2/",
        "Client has not been granted scopes: create:tenants",
        'Client is not authorized to access "https://rta.example.com/api/v2/". You need to create a "client-grant" '
        "associated to this API. See: https://auth0.com/docs/api-auth/config/using-the-auth0-dashboard",
        "Payload validation error: 'Object didn't pass validation for format email' on property owners[0].",
        "Insufficient scope, expected any of: create:tenants",
        "the-tenant-of-a-customer-with-a-very-long-name-that-goes-on-and-on-1 is taken",
        "Invalid token",
        "Expired token received for JSON Web Token validation",
        "trace 123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_what_the_api_usually_says_stays_readable(said: str) -> None:
    assert redacted(said) == said


def test_every_credential_that_this_process_meets_is_known_and_never_repeated() -> None:
    short = "word-" + secrets.token_hex(4)
    assert redacted(f"not {short} here") == f"not {short} here"

    Credential("client", short)

    assert redacted(f"not {short} here, nor {short}.") == "not [secret] here, nor [secret]."


def test_a_secret_that_holds_another_one_goes_whole() -> None:
    part = secrets.token_hex(4)
    redaction.remember(part, f"{part}-{part}")

    assert redacted(f"<{part}-{part}>") == "<[secret]>"


def test_a_word_is_no_secret() -> None:
    redaction.remember("", "tenant")

    assert redacted("the tenant is taken") == "the tenant is taken"
