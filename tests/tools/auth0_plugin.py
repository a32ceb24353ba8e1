"""Stands for the plugin of Pulumi's provider auth0, which no package registry has: it makes applications, no more.

The engine starts it as it starts any plugin, and gives it what the program has declared. It asks the tenant with
exactly that, and nothing else: a credential that did not arrive makes no application.
"""

# ruff: noqa: N802, ARG002  # names and arguments are those of the engine's protocol

from __future__ import annotations

import os
from concurrent import futures
from typing import Any

import grpc
import requests
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

PROPERTIES = {"name": "name", "appType": "app_type", "callbacks": "callbacks"}


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """One provider of one tenant."""

    def GetPluginInfo(self, request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="3.55.1")

    def CheckConfig(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, _context: Any) -> Any:
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, _context: Any) -> Any:
        given = json_format.MessageToDict(request.args)
        self.given = {name: value["value"] if rpc.is_rpc_secret(value) else value for name, value in given.items()}
        return provider_pb2.ConfigureResponse(supportsPreview=False)

    def Check(self, request: Any, _context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: Any) -> Any:
        same = request.old_inputs == request.news
        answer = provider_pb2.DiffResponse
        return answer(changes=answer.DIFF_NONE if same else answer.DIFF_SOME)

    def Create(self, request: Any, context: Any) -> Any:
        wanted = json_format.MessageToDict(request.properties)
        body = {there: wanted[ours] for ours, there in PROPERTIES.items() if ours in wanted}
        made = self._ask("POST", "/api/v2/clients", {"Authorization": f"Bearer {self._token()}"}, body)
        outputs = struct_pb2.Struct()
        json_format.ParseDict(wanted | {"clientId": made["client_id"]}, outputs)
        return provider_pb2.CreateResponse(id=made["client_id"], properties=outputs)

    def Cancel(self, request: Any, _context: Any) -> Any:
        return empty_pb2.Empty()

    def _token(self) -> Any:
        pair = {"client_id": self.given["clientId"], "client_secret": self.given["clientSecret"]}
        body = pair | {"grant_type": "client_credentials", "audience": self.given["audience"]}
        return self._ask("POST", "/oauth/token", {}, body)["access_token"]

    def _ask(self, method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
        answer = requests.request(
            method, f"https://{self.given['domain']}{path}", headers=headers, json=body, timeout=20,
            verify=os.environ["SSL_CERT_FILE"], proxies={"https": os.environ["AUTH0_PLUGIN_PROXY"]},
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json()


if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201  # by which the engine finds it
    server.wait_for_termination()
