"""Applications that prove themselves by a signature instead of a secret."""

import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from running_appliance import JSON, ManagementApi, RunningAppliance

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def private_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **more: Any) -> JSON:
    return {"credential_type": "public_key", "pem": pem(key), **more}


KEY, OTHER_KEY = private_key(), private_key()


@pytest.fixture
def signer(tenant: ManagementApi) -> JSON:
    """An application that proves itself by KEY, and was granted a scope."""
    methods = {"private_key_jwt": {"credentials": [public(KEY, name="first")]}}
    made = tenant.new_client(client_authentication_methods=methods)
    tenant.made("/client-grants", {"client_id": made["client_id"], "audience": tenant.audience, "scope": []})
    return made


def assertion(client: JSON, host: str, key: Any = KEY, *, alg: str = "RS256", kid: str = "", **changed: Any) -> str:
    now = int(time.time())
    own = client["client_id"]
    claims = {"iss": own, "sub": own, "aud": f"https://{host}/", "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex}
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(claims, key, algorithm=alg, headers={"kid": kid} if kid else None)


def ask(appliance: RunningAppliance, tenant: ManagementApi, signed: str, **changed: Any) -> requests.Response:
    body = {
        "grant_type": "client_credentials", "audience": tenant.audience,
        "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed, **changed,
    }  # fmt: skip
    return appliance.call("POST", tenant.host, "/oauth/token", json=body)


def test_an_assertion_gives_a_token_once(appliance: RunningAppliance, tenant: ManagementApi, signer: JSON) -> None:
    signed = assertion(signer, tenant.host)
    first = ask(appliance, tenant, signed)
    assert first.status_code == 200
    assert jwt.decode(first.json()["access_token"], options={"verify_signature": False})["azp"] == signer["client_id"]
    again = ask(appliance, tenant, signed)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert "used before" in again.json()["error_description"]


def test_an_application_that_signs_has_no_secret_to_tell_or_to_use(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    path = f"/clients/{client['client_id']}"
    key = tenant.made(f"{path}/credentials", public(KEY))
    methods = {"private_key_jwt": {"credentials": [{"id": key["id"]}]}}
    assert tenant.patch(path, {"client_authentication_methods": methods}).status_code == 400
    signing = tenant.patch(path, {"client_authentication_methods": methods, "token_endpoint_auth_method": None}).json()
    assert "client_secret" not in signing
    assert signing["client_authentication_methods"] == methods
    assert appliance.ask_token(tenant.host, client).status_code == 401
    assert ask(appliance, tenant, assertion(client, tenant.host)).status_code == 403  # known, and granted nothing
    back = {"client_authentication_methods": None, "token_endpoint_auth_method": "client_secret_post"}
    assert tenant.patch(path, back).json()["client_secret"] == client["client_secret"]
    assert appliance.ask_token(tenant.host, client).status_code == 403
    assert ask(appliance, tenant, assertion(client, tenant.host)).status_code == 401


WRONG: dict[str, JSON] = {
    "another issuer": {"iss": "nobody"},
    "another subject": {"sub": "nobody"},
    "another audience": {"aud": "https://elsewhere/"},
    "several audiences": {"aud": ["https://elsewhere/", "https://here/"]},
    "no identity": {"jti": None},
    "a long identity": {"jti": "j" * 65},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "soon"},
    "an end that is past": {"exp": 1},
    "an end too far away": {"exp": int(time.time()) + 7200},
    "issued in the future": {"iat": int(time.time()) + 7000, "exp": int(time.time()) + 7060},
    "not good yet": {"nbf": int(time.time()) + 7000},
    "too long": {"padding": "x" * 2048},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG.keys())
def test_an_assertion_that_says_wrong_gives_no_token(
    appliance: RunningAppliance, tenant: ManagementApi, signer: JSON, changed: JSON
) -> None:
    answer = ask(appliance, tenant, assertion(signer, tenant.host, **changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_signed_by_another_key_or_another_algorithm_gives_no_token(
    appliance: RunningAppliance, tenant: ManagementApi, signer: JSON
) -> None:
    for wrong in (
        assertion(signer, tenant.host, OTHER_KEY),
        assertion(signer, tenant.host, alg="RS384"),
        assertion(signer, tenant.host, kid="another-key-id"),
        assertion(signer, tenant.host, "s" * 64, alg="HS256"),
        assertion(signer, tenant.host, None, alg="none"),
        "a.b.c",
    ):
        answer = ask(appliance, tenant, wrong)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_comes_alone_and_with_its_type(
    appliance: RunningAppliance, tenant: ManagementApi, signer: JSON
) -> None:
    signed = assertion(signer, tenant.host)
    for wrong in ({"client_secret": "x"}, {"client_assertion_type": None}, {"client_assertion_type": "x"}):
        assert ask(appliance, tenant, signed, **wrong).json()["error"] == "invalid_request"
    assert ask(appliance, tenant, signed, client_id="another").json()["error"] == "invalid_client"
    assert ask(appliance, tenant, signed, client_id=signer["client_id"]).status_code == 200


def test_keys_are_rotated_by_overlap_and_there_is_room_for_two(
    appliance: RunningAppliance, tenant: ManagementApi, signer: JSON
) -> None:
    path = f"/clients/{signer['client_id']}"
    [first] = tenant.get(f"{path}/credentials").json()
    second = tenant.made(f"{path}/credentials", public(OTHER_KEY, name="second", alg="PS256"))
    assert ask(appliance, tenant, assertion(signer, tenant.host, OTHER_KEY, alg="PS256")).status_code == 401
    assert tenant.post(f"{path}/credentials", public(private_key())).status_code == 409

    def use(*keys: JSON) -> int:
        named = [{"id": key["id"]} for key in keys]
        methods = {"client_authentication_methods": {"private_key_jwt": {"credentials": named}}}
        return tenant.patch(path, methods).status_code

    assert use(first, second) == 200
    assert ask(appliance, tenant, assertion(signer, tenant.host)).status_code == 200
    signed = assertion(signer, tenant.host, OTHER_KEY, alg="PS256", kid=second["kid"])
    assert ask(appliance, tenant, signed).status_code == 200
    assert tenant.delete(f"{path}/credentials/{first['id']}").status_code == 409
    assert use(second) == 200
    assert tenant.delete(f"{path}/credentials/{first['id']}").status_code == 204
    assert tenant.get(f"{path}/credentials/{first['id']}").json()["errorCode"] == "inexistent_credential"
    assert use(first) == 400
    assert ask(appliance, tenant, assertion(signer, tenant.host)).status_code == 401


def test_a_key_ends_when_it_is_told_to(appliance: RunningAppliance, tenant: ManagementApi, signer: JSON) -> None:
    path = f"/clients/{signer['client_id']}/credentials"
    [key] = tenant.get(path).json()
    changed = tenant.patch(f"{path}/{key['id']}", {"expires_at": "2020-08-20T19:10:06.299Z"}).json()
    assert changed["expires_at"] == "2020-08-20T19:10:06.299Z"
    assert ask(appliance, tenant, assertion(signer, tenant.host)).status_code == 401
    tenant.patch(f"{path}/{key['id']}", {"expires_at": None})
    assert ask(appliance, tenant, assertion(signer, tenant.host)).status_code == 200


def test_a_key_is_told_by_its_thumbprint_and_never_whole(tenant: ManagementApi, signer: JSON) -> None:
    path = f"/clients/{signer['client_id']}/credentials"
    [key] = tenant.get(path).json()
    assert key["id"].startswith("cred_")
    assert (key["name"], key["alg"], key["credential_type"]) == ("first", "RS256", "public_key")
    assert len(key["kid"]) == 43  # RFC 7638, SHA-256
    assert "pem" not in key
    assert tenant.get(f"{path}/{key['id']}").json() == key
    assert tenant.post(path, public(KEY)).status_code == 409
    assert tenant.granted("read:clients").get(path).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"credential_type": "public_key"},
        {"credential_type": "x509_cert", "pem": pem(KEY)},
        {"credential_type": "public_key", "pem": "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"},
        public(ec.generate_private_key(ec.SECP256R1())),
        public(private_key(1024)),
        public(KEY, alg="HS256"),
        public(KEY, kid="short"),
        public(KEY, expires_at="tomorrow"),
        public(KEY, parse_expiry_from_cert=True),
    ],
)
def test_a_key_that_does_not_fit_is_refused(tenant: ManagementApi, client: JSON, body: JSON) -> None:
    answer = tenant.post(f"/clients/{client['client_id']}/credentials", body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body")
    methods = {"private_key_jwt": {"credentials": [body]}}
    made = tenant.post("/clients", {"name": "x", "client_authentication_methods": methods})
    assert (made.status_code, made.json()["errorCode"]) == (400, "invalid_body")


def test_auth0_python_gets_a_token_by_its_own_assertion(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from auth0.authentication import GetToken

    local = RunningAppliance.start(data, "--domain", "localhost", "--port", "0")
    try:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", local.facts["ca"])
        admin = local.api(local.rta, local.facts["admin"])
        methods = {"private_key_jwt": {"credentials": [public(KEY)]}}
        made = admin.new_client(client_authentication_methods=methods)
        admin.made("/client-grants", {"client_id": made["client_id"], "audience": admin.audience, "scope": []})
        private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        client = GetToken(local.rta, made["client_id"], client_assertion_signing_key=private)
        assert client.client_credentials(admin.audience)["access_token"]
    finally:
        assert local.stop() == 0
