"""The command line: `python -m appliance --data DIR`. Knows options and what to print; knows no HTTP.

Port 0 picks a free port. Where the domain follows the port (`localhost`, or `NAME:0`), the port is part of every
tenant's name: it is chosen at the first start and a later start of the same data directory listens on it again.
"""

import argparse
import json
import os
import sqlite3
import sys
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path

from appliance import fault_plan, names, rate_limits, seed, server, tls
from appliance.app import application
from appliance.bearer import BearerReader
from appliance.data_directory import DataDirectory, StartError
from appliance.fault_state import Faults
from appliance.identifiers import fixed_client_id
from appliance.keys import SigningKeys
from appliance.names import Names
from appliance.plan_fields import PlanError
from appliance.rate_limits import RateLimits
from appliance.requests_log import RequestsLog
from appliance.state import Appliance
from appliance.store import Store

NOTICE = "This appliance is a stand-in for development and tests only; it protects nothing."
EXPOSED = "It listens on more than loopback: whoever reaches this machine can call it."


def main() -> int:
    options = arguments().parse_args()
    os.umask(0o077)
    server.quiet(options.log_level)
    try:
        if options.print_client_ids:
            return print_client_ids(options.domain, options.port)
        server.end_cleanly_on_signals()
        return run(options)
    except PlanError as error:
        print("\n".join(f"appliance: {mistake}" for mistake in error.mistakes), file=sys.stderr)
    except StartError as error:
        print(f"appliance: {error}", file=sys.stderr)
    except (OSError, sqlite3.Error) as error:
        print(f"appliance: cannot go on in {options.data} ({error}); is the disk full?", file=sys.stderr)
    return 2


def arguments() -> argparse.ArgumentParser:
    about_ports = (__doc__ or "").partition("\n\n")[2]
    parser = argparse.ArgumentParser(prog="python -m appliance", description=f"{NOTICE} {about_ports}")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept, made if missing")
    where.add_argument("--print-client-ids", action="store_true", help="print the seeded client_ids as JSON and end")
    parser.add_argument("--port", type=int, default=8443, help="0 picks a free one (default: 8443)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--domain", default=names.DEFAULT_DOMAIN, help="parent domain (default: appliance.test)")
    parser.add_argument(
        "--no-tenant-reads",
        action="store_true",
        help="answer 404 to GET and DELETE of tenants, as an appliance that can only create them",
    )
    parser.add_argument(
        "--older-connections",
        action="store_true",
        help="have no /connections/{id}/clients, and tell enabled_clients in every list, as an older release",
    )
    parser.add_argument(
        "--tenant-invitations",
        action="store_true",
        help="have /tenants/invitations, which is not documented, and which not every appliance has",
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="a fault plan, YAML or JSON (see docs/faults.md)")
    parser.add_argument(
        "--rate-limit",
        metavar="PER_SECOND[:BURST]",
        help="refuse what is asked of a domain faster than that (default: nothing is refused)",
    )
    parser.add_argument(
        "--rotation-overlap",
        type=float,
        default=0,
        metavar="SECONDS",
        help="accept the old secret of an application so much longer after a rotation (default: 0)",
    )
    parser.add_argument(
        "--tls-fault", choices=[*tls.FAULTS, "plain-http"], help="what is wrong with TLS, for everybody"
    )
    parser.add_argument(
        "--spare-keys",
        type=int,
        default=0,
        metavar="N",
        help="find what the signing keys of so many tenants need before it listens (default: each on its first use)",
    )
    parser.add_argument("--started-by", metavar="TOKEN", help="repeated in appliance.json, to be known again by")
    levels = ["debug", "info", "warning", "error"]
    parser.add_argument("--log-level", choices=levels, default="warning", help="what goes to stderr")
    return parser


def print_client_ids(domain: str, port: int) -> int:
    rta = names_of(domain, port).rta
    ids = {"admin": seed.ADMIN, "provisioning": seed.PROVISIONING}
    print(json.dumps({"rta": rta} | {role: fixed_client_id(rta, name) for role, name in ids.items()}))
    return 0


def run(options: argparse.Namespace) -> int:
    names_of(options.domain, options.port)
    faults = Faults(None if options.faults is None else fault_plan.read(options.faults))
    limits = None if options.rate_limit is None else limits_of(options.rate_limit)
    directory = DataDirectory(options.data)
    with closing(directory.open_store()) as store:
        port = port_of(options, store)
        try:
            listener = server.listen(options.host, port)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            hint = "choose another with --port (0 picks a free one)"
            raise StartError(f"cannot listen on {options.host}:{port} ({reason}); {hint}") from None
        with listener:
            bound = names_of(options.domain, listener.getsockname()[1])
            own(store, bound, directory)
            ca = tls.authority(directory.path, bound)
            spoilt = options.tls_fault
            context = tls.server_context(ca, bound, directory.path, lateness=faults.tls_lateness, fault=spoilt)
            keys = SigningKeys(store)
            keys.spare(options.spare_keys)
            appliance = Appliance(
                bound, store, keys, BearerReader(keys), RequestsLog(), faults, limits,
                max(0, options.rotation_overlap), options.older_connections,
            )  # fmt: skip
            app = application(
                appliance, tenant_reads=not options.no_tenant_reads, invitations=options.tenant_invitations
            )
            facts = ready_facts(listener.getsockname(), bound, directory, store)
            if options.started_by is not None:
                facts["started_by"] = options.started_by

            def ready() -> None:
                directory.write_ready(facts)
                print(json.dumps(facts), flush=True)

            print(NOTICE, file=sys.stderr, flush=True)
            if not ip_address(listener.getsockname()[0]).is_loopback:
                print(EXPOSED, file=sys.stderr, flush=True)
            try:
                transport_security = None if spoilt == "plain-http" else context
                server.serve(app, listener, transport_security, ready=ready, faults=faults)
            finally:
                directory.remove_ready()
    return 0


def names_of(domain: str, port: int) -> Names:
    try:
        return names.parse(domain, port=port)
    except ValueError as error:
        raise StartError(f"{error}; choose another with --domain") from None


def limits_of(text: str) -> RateLimits:
    try:
        return rate_limits.parse(text)
    except ValueError:
        raise StartError(f'"{text}" is no rate limit; give --rate-limit 50, or 50:100 with a burst of 100') from None


def port_of(options: argparse.Namespace, store: Store) -> int:
    """The port to bind: the one the data directory was made for, where that is part of the names."""
    made_for = (store.meta("domain") or "").rpartition(":")
    if options.port == 0 and names.follows_port(options.domain) and made_for[1]:
        return int(made_for[2])
    return int(options.port)


def own(store: Store, bound: Names, directory: DataDirectory) -> None:
    """Fill a new data directory; raise StartError for one that was made for another domain."""
    made_for = store.meta("domain")
    if made_for is None:
        seed.root_tenant_authority(store, bound)
    elif made_for != bound.domain:
        mend = f"start with --domain {made_for} or give another --data"
        raise StartError(f"the data directory {directory.path} was made for {made_for}, not {bound.domain}; {mend}")


def ready_facts(
    socket_name: tuple[str, int], bound: Names, directory: DataDirectory, store: Store
) -> dict[str, object]:
    host = f"[{socket_name[0]}]" if ":" in socket_name[0] else socket_name[0]
    applications = {role: vars(seed.credential(store, role)) for role in ("admin", "provisioning")}
    return {
        "address": f"{host}:{socket_name[1]}",
        "rta": bound.rta,
        "domain": bound.domain,
        "ca": str(directory.path / "ca.pem"),
        "pid": os.getpid(),
        **applications,
    }


if __name__ == "__main__":
    sys.exit(main())
