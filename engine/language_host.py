"""The Python language host of an engine built from source: runs programs and policy packs for the `pulumi` command.

Knows the engine's LanguageRuntime service, Python processes and virtual environments; knows nothing of this project:
the build copies this one file into the engine's folder, where it runs in an environment of its own.

Started by the engine as `pulumi-language-python [flags] ENGINE_ADDRESS`. The first line on stdout is the port it
serves; whatever comes after that line is the program's output. It ends on SIGINT or SIGTERM, and when the engine is
gone, which it learns from its own stdin: a pipe that the engine holds open and never writes to.
"""

# ruff: noqa: N802, ARG002  (the service's own method names, and arguments that not every method needs)
from __future__ import annotations

import argparse
import contextlib
import importlib.machinery
import json
import os
import queue
import shutil
import signal
import stat
import subprocess
import sys
import threading
import types
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

for _name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
    # Only generated modules of the SDK are needed; what its packages load beside them takes longer than all else here.
    _parent = sys.modules.get(_name.rpartition(".")[0])
    _found = importlib.machinery.PathFinder.find_spec(_name, list(_parent.__path__) if _parent else None)
    if _found and _found.submodule_search_locations:
        sys.modules[_name] = _package = types.ModuleType(_name)
        _package.__path__ = list(_found.submodule_search_locations)

import grpc  # type: ignore[import-untyped]  # noqa: E402
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # noqa: E402
from pulumi.runtime.proto import language_pb2 as messages  # noqa: E402
from pulumi.runtime.proto import plugin_pb2  # noqa: E402
from pulumi.runtime.proto.language_pb2_grpc import (  # noqa: E402
    LanguageRuntimeServicer,
    add_LanguageRuntimeServicer_to_server,
)

# The SDK's own script: connects to the engine, then runs the program.
EXECUTOR = Path(__file__).parent.parent / "bin" / "pulumi-language-python-exec"
ERROR_WAS_SHOWN_STATUS = 32  # the executor's exit status when the user has seen the error already
ABOUT = "import platform, sys; print(sys.executable); print(platform.python_version())"


class CannotRunError(Exception):
    """The request asks for something that a person has to put right first."""


class Environment:
    """The Python that a project's `runtime: options:` ask for, and the variables to start it with."""

    def __init__(self, info: messages.ProgramInfo, variables: Mapping[str, str] = os.environ) -> None:
        options = dict(info.options.items())
        for name in ("toolchain", "typechecker"):
            if options.get(name) not in (None, "", "pip"):
                raise CannotRunError(
                    f"the option {name!r} of the Python runtime needs an official release of Pulumi: "
                    "this engine was built from source, and its language host knows `virtualenv` only"
                )
        self.variables = dict(variables)
        self.option = str(options.get("virtualenv") or "")
        self.folder = Path(info.root_directory, self.option) if self.option else None
        if self.folder:
            self.variables["VIRTUAL_ENV"] = str(self.folder)
            self.variables["PATH"] = f"{self.folder / 'bin'}{os.pathsep}{self.variables.get('PATH', '')}"
            self.variables.pop("PYTHONHOME", None)

    def python(self) -> str:
        if self.folder is None:
            return self.python_on_path()
        python = self.folder / "bin" / "python"
        if not python.is_file():
            raise CannotRunError(
                f"the option 'virtualenv' of the Python runtime is {self.option!r}, but there is no {python}; make it "
                f"with `python3 -m venv {self.folder}` and install the requirements into it"
            )
        return str(python)

    def python_on_path(self) -> str:
        wanted = self.variables.get("PULUMI_PYTHON_CMD")
        for name in [wanted] if wanted else ["python3", "python"]:
            if found := shutil.which(name, path=self.variables.get("PATH")):
                return found
        raise CannotRunError(f"there is no {wanted or 'python3'} on PATH")


class Children:
    """The processes that were started here: none of them outlives the host."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
        self._running.add(process)
        return process

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        status = process.wait()
        self._running.discard(process)
        return status

    def stream(self, command: list[str], context: Any, **options: Any) -> Iterator[tuple[str, Any]]:
        """("stdout", bytes) and ("stderr", bytes) as the process writes them, then ("exitcode", int).

        Ends the process when the engine cancels the call, which is how it ends a plugin.
        """
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        context.add_callback(process.terminate)
        written: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()

        def read(name: str, stream: IO[bytes] | None) -> None:
            while chunk := os.read(stream.fileno() if stream else -1, 65536):
                written.put((name, chunk))
            written.put((name, b""))

        for stream in (("stdout", process.stdout), ("stderr", process.stderr)):
            threading.Thread(target=read, args=stream, daemon=True).start()
        still_open = 2
        while still_open:
            name, chunk = written.get()
            if chunk:
                yield name, chunk
            else:
                still_open -= 1
        yield "exitcode", self.wait(process)

    def end(self, grace_seconds: float = 2.0) -> None:
        running = list(self._running)
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                process.kill()


class LanguageHost(LanguageRuntimeServicer):
    def __init__(self, engine_address: str, children: Children) -> None:
        self.engine_address = engine_address
        self.children = children

    def Handshake(self, request: Any, context: Any) -> messages.LanguageHandshakeResponse:
        self.engine_address = request.engine_address or self.engine_address
        return messages.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo()

    # Dynamic resources need no plugin but the one in bin/, so there is never anything to download.
    def GetRequiredPlugins(self, request: Any, context: Any) -> messages.GetRequiredPluginsResponse:
        return messages.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> messages.GetRequiredPackagesResponse:
        return messages.GetRequiredPackagesResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> messages.RuntimeOptionsResponse:
        return messages.RuntimeOptionsResponse()

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[messages.InstallDependenciesResponse]:
        with _refusals(context):
            environment = Environment(request.info)
            directory = request.info.program_directory
            if environment.folder and not (environment.folder / "bin" / "python").exists():
                command = [environment.python_on_path(), "-m", "venv", str(environment.folder)]
                yield from self._install(command, context, env=environment.variables, cwd=directory)
            if Path(directory, "requirements.txt").exists():
                command = [environment.python(), "-m", "pip", "install", "-r", "requirements.txt"]
                yield from self._install(command, context, env=environment.variables, cwd=directory)

    def _install(self, command: list[str], context: Any, **options: Any) -> Iterator[Any]:
        for name, value in self.children.stream(command, context, **options):
            if name != "exitcode":
                yield messages.InstallDependenciesResponse(**{name: value})
            elif value != 0:
                raise CannotRunError(f"`{' '.join(command)}` {_ending(value)}")

    def Run(self, request: Any, context: Any) -> messages.RunResponse:
        with _refusals(context):
            environment = Environment(request.info)
            command = [environment.python(), "-u", str(EXECUTOR)]
        arguments = {
            "monitor": request.monitor_address,
            "engine": self.engine_address,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        for name, value in arguments.items():
            if value:
                command += [f"--{name}", value]
        environment.variables["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        environment.variables["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        command += [request.info.entry_point or ".", *request.args]
        # No pipes: the program's stdout and stderr are ours, which the engine reads and shows as they come.
        process = self.children.start(command, env=environment.variables)
        context.add_callback(process.terminate)
        status = self.children.wait(process)
        if status == ERROR_WAS_SHOWN_STATUS:
            return messages.RunResponse(bail=True)
        return messages.RunResponse(error=f"the program {_ending(status)}" if status else "")

    def RunPlugin(self, request: Any, context: Any) -> Iterator[messages.RunPluginResponse]:
        variables = {**os.environ, **dict(item.split("=", 1) for item in request.env if "=" in item)}
        directory = request.info.program_directory
        with _refusals(context):
            # Without a `virtualenv` option of its own, a policy pack runs on the caller's Python.
            environment = Environment(request.info, variables)
            command = [environment.python(), "-u"]
        if request.kind == "analyzer":
            command += ["-m", "pulumi.policy", *request.args, directory]
            working_directory = directory
        else:
            command += [directory, *request.args]
            working_directory = request.pwd or directory
        for name, value in self.children.stream(command, context, env=environment.variables, cwd=working_directory):
            yield messages.RunPluginResponse(**{name: value})

    def About(self, request: Any, context: Any) -> messages.AboutResponse:
        executable, version = self._ask_python(request, context, "-c", ABOUT).splitlines()
        return messages.AboutResponse(executable=executable, version=version)

    def GetProgramDependencies(self, request: Any, context: Any) -> messages.GetProgramDependenciesResponse:
        direct_only = [] if request.transitiveDependencies else ["--not-required"]
        listed = self._ask_python(request, context, "-m", "pip", "list", "--format", "json", *direct_only)
        packages = [messages.DependencyInfo(name=item["name"], version=item["version"]) for item in json.loads(listed)]
        return messages.GetProgramDependenciesResponse(dependencies=packages)

    def _ask_python(self, request: Any, context: Any, *arguments: str) -> str:
        with _refusals(context):
            environment = Environment(request.info)
            command = [environment.python(), *arguments]
            answer = list(self.children.stream(command, context, env=environment.variables))
            if answer[-1][1] != 0:
                raise CannotRunError(f"`{' '.join(command)}` {_ending(answer[-1][1])}")
        return b"".join(value for name, value in answer if name == "stdout").decode()

    def Cancel(self, request: Any, context: Any) -> Empty:
        self.children.end()
        return Empty()


@contextlib.contextmanager
def _refusals(context: Any) -> Iterator[None]:
    """Answers the call with the error's text alone, which the engine shows; anything else would come with a trace."""
    try:
        yield
    except CannotRunError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _ending(status: int) -> str:
    return f"exited with status {status}" if status > 0 else f"was ended by {signal.Signals(-status).name}"


def _wait_for_the_end() -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())

    def watch_the_engine() -> None:
        while os.read(0, 1024):
            pass
        ended.set()

    if stat.S_ISFIFO(os.fstat(0).st_mode):  # else it was started by hand
        threading.Thread(target=watch_the_engine, daemon=True).start()
    ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("-v")
    parser.add_argument("--tracing")
    parser.add_argument("engine_address", nargs="?", default="")
    arguments, _ = parser.parse_known_args()
    children = Children()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=64),  # each policy pack holds one for as long as it runs
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    add_LanguageRuntimeServicer_to_server(LanguageHost(arguments.engine_address, children), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _wait_for_the_end()
    children.end()
    os._exit(0)  # the engine waits for us: no slow farewell to connections that are closing anyway


if __name__ == "__main__":
    main()
