"""What the appliance says to calls that are wrong before any rule about tenants or grants is looked at."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from running_appliance import JSON, ManagementApi, RunningAppliance


def refused(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert body["statusCode"] == answer.status_code
    return body["statusCode"], body["error"], body["message"]


@contextmanager
def raw_connection(appliance: RunningAppliance) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=appliance.facts["ca"])
    with (
        socket.create_connection(("127.0.0.1", appliance.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=appliance.rta) as connection,
    ):
        yield connection


UNKNOWN_PATHS = ["/", "/api/v2", "/api/v2/", "/api/v2/users", "/api/v2/client-grants/", "/x%00y", "/%ff"]


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_an_unknown_path_is_not_found(admin: ManagementApi, path: str) -> None:
    answer = admin.appliance.call("GET", admin.host, path)
    assert refused(answer) == (404, "Not Found", "Not Found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v2/client-grants", "GET, POST"),
        ("POST", "/api/v2/client-grants/x", "DELETE, GET, PATCH"),
        ("PUT", "/api/v2/tenants", "GET, POST"),
        ("GET", "/oauth/token", "POST"),
        ("POST", "/.well-known/jwks.json", "GET"),
        ("OPTIONS", "/api/v2/tenants/settings", "GET, PATCH"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(admin: ManagementApi, method: str, path: str, allowed: str) -> None:
    answer = admin.appliance.call(method, admin.host, path)
    assert refused(answer)[:2] == (405, "Method Not Allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic eDp5", "nonsense", "Bearer é"])
def test_a_call_without_a_proper_token_is_unauthorized(admin: ManagementApi, value: str | None) -> None:
    headers = {} if value is None else {"authorization": value.encode()}
    answer = admin.appliance.call("GET", admin.host, "/api/v2/client-grants", headers=headers)
    message = "Missing authentication" if not value else "Invalid token"
    assert refused(answer) == (401, "Unauthorized", message)
    assert answer.json()["attributes"] == {"error": message}


def test_a_token_of_another_domain_is_unauthorized(admin: ManagementApi, tenant: ManagementApi) -> None:
    for mine, other in ((admin, tenant), (tenant, admin)):
        answer = ManagementApi(mine.appliance, other.host, mine.token).get("/client-grants")
        assert refused(answer) == (401, "Unauthorized", "Invalid token")


def test_a_token_for_another_api_is_unauthorized(appliance: RunningAppliance, tenant: ManagementApi) -> None:
    client = tenant.new_client()
    tenant.made("/resource-servers", {"identifier": "urn:orders", "scopes": [{"value": "read:client_grants"}]})
    grant = {"client_id": client["client_id"], "audience": "urn:orders", "scope": ["read:client_grants"]}
    tenant.made("/client-grants", grant)
    token = appliance.ask_token(tenant.host, client, audience="urn:orders").json()["access_token"]
    assert refused(ManagementApi(appliance, tenant.host, token).get("/client-grants"))[0] == 401


@pytest.mark.parametrize("algorithm", ["RS256", "HS256", "none"])
def test_a_forged_token_is_unauthorized(admin: ManagementApi, algorithm: str) -> None:
    claims = jwt.decode(admin.token, options={"verify_signature": False})
    key = {"RS256": rsa.generate_private_key(65537, 2048), "HS256": "k" * 32, "none": None}[algorithm]
    header = {"kid": jwt.get_unverified_header(admin.token)["kid"]}
    forged = jwt.encode(claims, key, algorithm=algorithm, headers=header)  # type: ignore[arg-type]
    assert refused(ManagementApi(admin.appliance, admin.host, forged).get("/client-grants"))[0] == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b"\xff\xfe", b'{"audience": NaN}', b"[" * 100_000, b'{"audience": "\\udfff"}']
)
def test_a_body_that_is_no_json_is_a_bad_request(admin: ManagementApi, body: bytes) -> None:
    answer = admin.request("POST", "/client-grants", data=body, headers={"content-type": "application/json"})
    assert refused(answer)[:2] == (400, "Bad Request")
    assert answer.json()["errorCode"] == "invalid_body"


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', "true"])
def test_a_body_that_is_no_object_is_a_bad_request(admin: ManagementApi, body: str) -> None:
    answer = admin.request("POST", "/client-grants", data=body, headers={"content-type": "application/json"})
    assert refused(answer)[2].startswith("Payload validation error: 'Expected type object but found type ")


def test_a_content_type_that_is_no_json_is_unsupported(admin: ManagementApi) -> None:
    answer = admin.request("POST", "/client-grants", data="<a/>", headers={"content-type": "text/xml"})
    assert refused(answer)[:2] == (415, "Unsupported Media Type")


def test_a_form_is_read_like_an_object_of_strings(admin: ManagementApi) -> None:
    answer = admin.request("POST", "/client-grants", data={"audience": admin.audience, "client_id": "nobody"})
    assert refused(answer)[:2] == (404, "Not Found")


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 3 * 1024 * 1024])
@pytest.mark.parametrize("path", ["/api/v2/client-grants", "/oauth/token"])
def test_a_body_over_one_mebibyte_is_too_large(admin: ManagementApi, size: int, path: str) -> None:
    headers = {"authorization": f"Bearer {admin.token}", "content-type": "application/json"}
    for body in (b" " * size, iter([b" " * 65536] * (size // 65536 + 1))):  # with a length, and chunked without one
        answer = admin.appliance.call("POST", admin.host, path, data=body, headers=headers)
        assert refused(answer)[0] == 413


def test_a_body_of_exactly_one_mebibyte_is_read(admin: ManagementApi) -> None:
    body = json.dumps({"audience": "x"}).encode().ljust(1024 * 1024)
    answer = admin.request("POST", "/client-grants", data=body, headers={"content-type": "application/json"})
    assert refused(answer)[0] == 400


def test_a_declared_length_beyond_all_reason_is_refused_before_it_is_sent(admin: ManagementApi) -> None:
    with raw_connection(admin.appliance) as connection:
        head = f"POST /api/v2/client-grants HTTP/1.1\r\nhost: {admin.host}\r\nauthorization: Bearer {admin.token}\r\n"
        connection.sendall(f"{head}content-length: 99999999999\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_what_is_no_http_is_answered_with_json_too(appliance: RunningAppliance) -> None:
    with raw_connection(appliance) as connection:
        connection.sendall(b"hello there\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["statusCode"] == 400


def test_a_client_that_leaves_in_the_middle_of_a_body_leaves_the_appliance_well(admin: ManagementApi) -> None:
    with raw_connection(admin.appliance) as connection:
        head = f"POST /api/v2/client-grants HTTP/1.1\r\nhost: {admin.host}\r\nauthorization: Bearer {admin.token}\r\n"
        connection.sendall(f'{head}content-length: 100\r\n\r\n{{"aud'.encode())
    assert admin.get("/client-grants").status_code == 200


def test_head_and_body_of_an_answer_arrive_together(admin: ManagementApi) -> None:
    with raw_connection(admin.appliance) as connection:
        headers = f"host: {admin.host}\r\nauthorization: Bearer {admin.token}\r\n"
        connection.sendall(f"GET /api/v2/client-grants?take=1 HTTP/1.1\r\n{headers}\r\n".encode())
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)


@pytest.mark.parametrize("path", ["/api/v2/client-grants", "/api/v2/nothing", "/oauth/token"])
def test_every_answer_carries_rate_limit_headers(admin: ManagementApi, path: str) -> None:
    headers = admin.appliance.call("GET", admin.host, path).headers
    assert 0 < int(headers["x-ratelimit-remaining"]) < int(headers["x-ratelimit-limit"])
    assert int(headers["x-ratelimit-reset"]) > 1_700_000_000  # seconds since 1970, not seconds from now


def test_requests_are_listed_in_order_without_bodies_or_secrets(
    appliance: RunningAppliance, tenant: ManagementApi, client: JSON
) -> None:
    appliance.ask_token(tenant.host, client)
    tenant.get("/client-grants", audience="x")
    appliance.call("GET", tenant.host, "/api/v2/clients")
    token, listed, anonymous = appliance.requests_seen()[-3:]
    at = [entry.pop("at") for entry in (token, listed, anonymous)]
    assert at == sorted(at)
    common = {"host": tenant.host, "fault": None}
    expected = {**common, "method": "POST", "path": "/oauth/token", "status": 403, "client_id": client["client_id"]}
    assert token == expected
    manager = jwt.decode(tenant.token, options={"verify_signature": False})["azp"]
    expected = {**common, "method": "GET", "path": "/api/v2/client-grants", "status": 200, "client_id": manager}
    assert listed == expected
    assert anonymous == {**common, "method": "GET", "path": "/api/v2/clients", "status": 401, "client_id": None}
    assert client["client_secret"] not in json.dumps(appliance.requests_seen())


def test_requests_are_told_to_the_administrator_only(
    appliance: RunningAppliance, admin: ManagementApi, provisioning: ManagementApi
) -> None:
    path = "/__appliance/requests"

    def asked(**more: object) -> int:
        return appliance.call("GET", appliance.rta, path, **more).status_code

    assert asked() == 401
    assert asked(auth=("admin", "admin")) == 401
    assert asked(headers={"authorization": "Basic é".encode()}) == 401
    assert asked(headers={"authorization": f"Bearer {provisioning.token}"}) == 401
    assert asked(headers={"authorization": f"Bearer {admin.token}"}) == 200
    assert appliance.call("POST", appliance.rta, path, auth=appliance.admin_pair).status_code == 405
