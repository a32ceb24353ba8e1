"""How many calls a second one appliance answers: `python tests/appliance/throughput.py [--seconds 3] [--repeats 5]`.

Client and appliance share the machine, so the client is as lean as can be: raw sockets, one thread of selectors,
16 keep-alive connections with one request under way on each. It measures and promises nothing.
"""

import argparse
import asyncio
import json
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from running_appliance import ManagementApi, RunningAppliance

CONNECTIONS = 16
Request = Callable[[], bytes]


async def answered(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one answer; its status and the bytes of its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    size = int(length.partition(b":")[2])
    await reader.readexactly(size)
    return int(head[9:12]), size


async def calls_per_second(appliance: RunningAppliance, request: Request, expected: int, seconds: float) -> float:
    context = ssl.create_default_context(cafile=appliance.facts["ca"])
    opening = [
        asyncio.open_connection("127.0.0.1", appliance.port, ssl=context, server_hostname=appliance.rta)
        for _ in range(CONNECTIONS)
    ]
    connections = await asyncio.gather(*opening)
    end = time.perf_counter() + seconds
    counts = [0] * CONNECTIONS

    async def keep_calling(index: int) -> None:
        reader, writer = connections[index]
        while time.perf_counter() < end:
            writer.write(request())
            status, _ = await answered(reader)
            assert status == expected, status
            counts[index] += 1

    started = time.perf_counter()
    await asyncio.gather(*(keep_calling(index) for index in range(CONNECTIONS)))
    elapsed = time.perf_counter() - started
    for _, writer in connections:
        writer.close()
    return sum(counts) / elapsed


def listing(api: ManagementApi) -> Request:
    headers = f"host: {api.host}\r\nauthorization: Bearer {api.token}\r\n"
    return f"GET /api/v2/client-grants?take=50 HTTP/1.1\r\n{headers}\r\n".encode


def creating(api: ManagementApi) -> Request:
    head = f"POST /api/v2/tenants HTTP/1.1\r\nhost: {api.host}\r\nauthorization: Bearer {api.token}\r\n"
    made = 0

    def request() -> bytes:
        nonlocal made
        made += 1
        body = json.dumps({"name": f"customer-{made}", "owners": ["me@example.com"]})
        return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()

    return request


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        appliance = RunningAppliance.start(Path(folder) / "data")
        try:
            admin = appliance.api(appliance.rta, appliance.facts["admin"])
            provisioning = admin.granted("create:tenants")
            kinds = (("GET client-grants", listing(admin), 200), ("POST tenants", creating(provisioning), 201))
            for title, request, expected in kinds:
                runs = [
                    asyncio.run(calls_per_second(appliance, request, expected, options.seconds))
                    for _ in range(options.repeats)
                ]
                each = ", ".join(f"{run:.0f}" for run in runs)
                line = f"{title}: median {statistics.median(runs):.0f} calls/s over {CONNECTIONS} connections ({each})"
                sys.stdout.write(line + "\n")
        finally:
            appliance.stop()


if __name__ == "__main__":
    main()
