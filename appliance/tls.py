"""The certificates: a CA of the appliance's own, and what it signs. Knows X.509; knows no request.

The CA is made once and kept; it is constrained to the appliance's domain, so trusting it trusts nothing else. The
certificates below it are made anew at each start. One wildcard covers all tenants, except under a top-level name such
as `localhost`, where clients refuse `*.localhost`: there each name gets its own certificate when it is asked for.
"""

import functools
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.names import Names

CA_LIFETIME = timedelta(days=3650)
LEAF_LIFETIME = timedelta(days=397)
CONTEXTS_KEPT = 512
FAULTS = ("expired", "wrong-name", "unknown-ca", "tls1.1")
# Why the domain of a TLS server name is not ready yet: "dns", "certificate", or None where TLS is as ever.
Lateness = Callable[[str], str | None]


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def authority(directory: Path, names: Names) -> Authority:
    """The CA of a data directory, made on first use; its certificate is `ca.pem`."""
    key_file, certificate_file = directory / "ca-key.pem", directory / "ca.pem"
    if not certificate_file.exists():
        made = _new_authority(names)
        key_file.write_bytes(_key_pem(made.key))
        draft = directory / "ca.pem.new"
        draft.write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
        draft.replace(certificate_file)
        return made
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(x509.load_pem_x509_certificate(certificate_file.read_bytes()), key)


def server_context(
    ca: Authority, names: Names, directory: Path, *, lateness: Lateness, fault: str | None = None
) -> ssl.SSLContext:
    """What the server shows to whom. `fault` is one of FAULTS and spoils it for everybody."""
    if fault == "unknown-ca":
        ca = _new_authority(names)
    hosts = [names.rta_hostname, *([f"*.{names.hostname}"] if names.wildcard_works else [])]
    if fault == "wrong-name":
        hosts = [f"elsewhere.{names.hostname}"]
    start = datetime.now(UTC) - (2 * LEAF_LIFETIME if fault == "expired" else timedelta(hours=1))
    context = _context(ca, hosts, directory, start=start, loopback=names.hostname == "localhost")
    if fault == "tls1.1":
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

    @functools.lru_cache(maxsize=CONTEXTS_KEPT)
    def context_of(host: str) -> ssl.SSLContext:
        return _context(ca, [host], directory, start=start)

    def choose(connection: ssl.SSLObject, server_name: str | None, _context: ssl.SSLContext) -> int | None:
        late = lateness(server_name) if server_name else None
        if late == "dns":
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if late == "certificate":
            connection.context = context_of(names.rta_hostname)
        elif server_name and not names.wildcard_works and fault is None and names.tenant_label(server_name):
            connection.context = context_of(server_name.lower())
        return None

    context.sni_callback = choose
    return context


def _context(
    ca: Authority, hosts: list[str], directory: Path, *, start: datetime, loopback: bool = False
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _leaf(ca, key, hosts, start=start, loopback=loopback)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python loads a certificate from a file only.
    with tempfile.NamedTemporaryFile(dir=directory, suffix=".pem") as file:
        file.write(_key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _new_authority(names: Names) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Local appliance CA for {names.hostname}")
    loopback = x509.IPAddress(IPv4Network("127.0.0.0/8"))
    allowed = x509.NameConstraints([x509.DNSName(names.hostname), loopback], None)
    usage = _usage(signs_certificates=True)
    builder = (
        _builder(name, name, key, start=datetime.now(UTC) - timedelta(hours=1), lifetime=CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(allowed, critical=True)
    )
    return Authority(builder.sign(key, hashes.SHA256()), key)


def _leaf(
    ca: Authority, key: ec.EllipticCurvePrivateKey, hosts: list[str], *, start: datetime, loopback: bool
) -> x509.Certificate:
    covered: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
    if loopback:
        covered.append(x509.IPAddress(IPv4Address("127.0.0.1")))
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    builder = (
        _builder(_name("Local appliance"), ca.certificate.subject, key, start=start, lifetime=LEAF_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer_key, critical=False)
        .add_extension(x509.SubjectAlternativeName(covered), critical=False)
    )
    return builder.sign(ca.key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, start: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
