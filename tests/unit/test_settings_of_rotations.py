"""How a machine is told to look for rotated credentials, and to go through a rotation itself."""

from __future__ import annotations

from tests.unit.test_settings import LOCAL, problems, read


def test_a_refresh_asks_tenants_nothing_by_default_and_what_is_asked_is_one_of_three_words() -> None:
    assert read(LOCAL).liveness == "none"
    assert read(LOCAL | {"liveness": "oidc"}, PSAAS_LIVENESS="token").liveness == "token"
    assert problems(LOCAL, PSAAS_LIVENESS="tokens") == [
        'PSAAS_LIVENESS: "tokens" is not one of none, oidc, token; did you mean "token"?'
    ]


def test_an_applications_secret_may_be_two_while_it_is_rotated_and_neither_is_in_a_representation() -> None:
    found = read(LOCAL, PSAAS_CLIENT_SECRET=" the-new-secret  the-old-secret ").provisioning
    assert found
    assert (found.client_secret, found.other_secrets) == ("the-new-secret", ("the-old-secret",))
    assert "secret" not in repr(found).replace("client_secret", "").replace("other_secrets", "")
