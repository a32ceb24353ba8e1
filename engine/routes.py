"""The four routes to an engine, in order. Decides which one is taken; what each one does is in its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from engine import installed, language_host_folder
from engine.build import build
from engine.cache import Cache, default_root
from engine.errors import NoEngineError, RouteError
from engine.installed import LANGUAGE_HOST, Engine
from engine.progress import Say, at_most_every, say_nothing
from engine.recipe import Recipe
from engine.release import install

ROUTES = ("path", "cache", "install", "build")
PROGRESS_SECONDS = 15.0

Look = Callable[[], Engine]
Result = TypeVar("Result")


def find(routes: Sequence[str] = ("path", "cache"), recipe: Recipe | None = None) -> Engine | None:
    """The engine that is there already, or None. Changes nothing and takes a second at most."""
    recipe = recipe or Recipe()
    for route, look in _looks(Cache(default_root(), recipe.version)):
        if route in routes:
            try:
                return look()
            except (RouteError, OSError):
                continue
    return None


def obtain(
    report: Say = say_nothing,
    progress: Say | None = None,
    routes: Sequence[str] = ROUTES,
    recipe: Recipe | None = None,
) -> Engine:
    """The engine of the first route that works; raises NoEngineError when none does.

    `report` hears each step. `progress` hears a text that replaces the one before, many times a second; without it,
    `report` hears one every 15 seconds. The order of `routes` is that of ROUTES, whatever order they are given in;
    without "cache", an engine is made even if there is one.
    """
    progress = progress or at_most_every(PROGRESS_SECONDS, report)
    search = Search(recipe or Recipe(), routes, report, progress)
    engine = search.look() or search.make()
    if engine is None:
        raise NoEngineError(search.failures)
    report(f"using pulumi {engine.version} from {engine.bin_folder}")
    return engine


class Search:
    """One run through the routes, and why those that failed did."""

    def __init__(self, recipe: Recipe, routes: Sequence[str], report: Say, progress: Say) -> None:
        self.recipe = recipe
        self.routes = routes
        self.report = report
        self.progress = progress
        self.cache = Cache(default_root(), recipe.version)
        self.failures: list[tuple[str, RouteError]] = []

    def look(self) -> Engine | None:
        """Routes 1 and 2: what is there."""
        for route, look in _looks(self.cache):
            if route in self.routes:
                if route == "cache" and language_host_folder.is_outdated(self.cache.folder):
                    self._try("cache", self._update_language_host)
                if engine := self._try(route, look):
                    return engine
        return None

    def make(self) -> Engine | None:
        """Routes 3 and 4, into the cache, one process at a time."""
        makers: dict[str, Callable[[Path], None]] = {
            "install": lambda staging: install(staging, self.recipe, report=self.report),
            "build": lambda staging: build(staging, self.recipe, report=self.report, progress=self.progress),
        }
        wanted = [route for route in makers if route in self.routes]
        if not wanted:
            return None
        try:
            with self.cache.lock(self.report, self.progress):
                if "cache" in self.routes and (made_meanwhile := find(["cache"], self.recipe)):
                    return made_meanwhile
                for route in wanted:
                    if engine := self._try(route, lambda route=route: self._make_by(route, makers[route])):  # type: ignore[misc]
                        return engine
        except OSError as error:
            self._failed("cache", _cache_trouble(error))
        return None

    def _make_by(self, route: str, maker: Callable[[Path], None]) -> Engine:
        with self.cache.staging() as staging:
            maker(staging)
            made = installed.in_folder(staging / "bin", route=route)
            if made.version != self.recipe.version or not installed.has_language_host(made.bin_folder):
                raise RouteError(f"what came is not a whole pulumi {self.recipe.version}")
            self.cache.publish(staging)
        return Engine(self.cache.bin_folder, made.version, route)

    def _update_language_host(self) -> None:
        language_host_folder.update(self.cache.folder)
        self.report("updated the engine's Python language host to this checkout's")

    def _try(self, route: str, attempt: Callable[[], Result]) -> Result | None:
        try:
            return attempt()
        except RouteError as error:
            self._failed(route, error)
        except OSError as error:
            self._failed(route, _cache_trouble(error))
        return None

    def _failed(self, route: str, error: RouteError) -> None:
        self.failures.append((route, error))
        self.report(f"{route}: {error.reason}")


def _looks(cache: Cache) -> Iterator[tuple[str, Look]]:
    yield "path", installed.on_path
    yield "cache", lambda: _in_cache(cache)


def _in_cache(cache: Cache) -> Engine:
    if language_host_folder.lost_its_python(cache.folder):
        raise RouteError(f"the Python that {cache.bin_folder / LANGUAGE_HOST} was made with is gone")
    if language_host_folder.is_outdated(cache.folder):
        raise RouteError(f"{cache.bin_folder / LANGUAGE_HOST} is not this checkout's")
    engine = installed.in_folder(cache.bin_folder, route="cache")
    if engine.version != cache.version or not installed.has_language_host(cache.bin_folder):
        raise RouteError(f"{cache.folder} does not hold a whole pulumi {cache.version}")
    return engine


def _cache_trouble(error: OSError) -> RouteError:
    return RouteError(str(error), "have a cache folder that can be written to, and room in it (XDG_CACHE_HOME)")
