"""Client assertions: what they say, who can check them, and which keys can sign them."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from psaas_resources import assertion, settings
from psaas_resources.errors import ConfigError
from psaas_resources.redaction import redacted

KEY, TOO_SHORT = rsa.generate_private_key(65537, 2048), 1024


def pem(key: object, *, passphrase: str = "", form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    how: KeySerializationEncryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, how).decode()  # type: ignore[attr-defined, no-any-return]


def test_an_assertion_speaks_of_its_application_to_one_host_and_for_two_minutes() -> None:
    text = assertion.signed(pem(KEY), "an-application", "rta.example.com", clock=lambda: 1_000_000.0)
    assert jwt.get_unverified_header(text)["alg"] == "RS256"
    claims = jwt.decode(
        text, KEY.public_key(), algorithms=["RS256"], audience="https://rta.example.com/", options={"verify_exp": False}
    )
    assert (claims["iss"], claims["sub"], claims["exp"]) == ("an-application", "an-application", 1_000_120)
    assert "iat" not in claims
    assert len(text) < 2048


def test_no_two_assertions_are_the_same() -> None:
    texts = {assertion.signed(pem(KEY), "a", "b", clock=lambda: 1.0) for _ in range(5)}
    assert len(texts) == 5


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_may_come_in_either_form(form: PrivateFormat) -> None:
    assert assertion.problem(pem(KEY, form=form)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hunter2", "not a private key in PEM"),
        (pem(KEY, passphrase="hunter2"), "without a passphrase"),
        (pem(KEY).replace("M", "x", 40), "not a private key in PEM"),
        (pem(rsa.generate_private_key(65537, TOO_SHORT)), "2048 to 4096 bits"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "not an RSA key"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "not an RSA key"),
    ],
)
def test_a_key_that_can_not_sign_is_told_without_being_repeated(text: str, words: str) -> None:
    said = assertion.problem(text)
    assert said
    assert words in said
    assert text[40:60] not in said or text == "hunter2"
    with pytest.raises(ConfigError, match=f"psaas:clientKey: {said[:20]}"):
        settings.read({"domain": "rta.appliance.test", "clientId": "a"}.get, {"PSAAS_CLIENT_KEY": text})


def test_an_application_proves_itself_in_one_way() -> None:
    given = {"PSAAS_CLIENT_KEY": pem(KEY), "PSAAS_CLIENT_SECRET": "s" * 20}
    with pytest.raises(ConfigError, match="beside clientSecret"):
        settings.read({"domain": "rta.appliance.test", "clientId": "a"}.get, given)


def test_a_private_key_is_in_no_message_and_no_representation() -> None:
    read = settings.read({"domain": "rta.appliance.test", "clientId": "a"}.get, {"PSAAS_CLIENT_KEY": pem(KEY)})
    inside = pem(KEY).splitlines()[3]
    assert inside not in repr(read)
    assert inside not in redacted(f"the answer was {pem(KEY)}")
    assert read.provisioning
    assert read.provisioning.private_key.strip() == pem(KEY).strip()
