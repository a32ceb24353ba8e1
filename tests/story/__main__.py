"""`make story`: tells the story on this machine. With `--write`, its reports become the expected ones."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import engine
from tests.local_appliance import LocalAppliance
from tests.pipeline.forge_server import ForgeServer
from tests.story import browser, pages, scenes


def main(arguments: list[str]) -> int:
    found = engine.find()
    if not found:
        print("error: there is no engine; run `make engine`", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="psaas-story-") as name:
        folder, forge = Path(name), ForgeServer()
        stop = forge.start()
        try:
            with LocalAppliance.start(folder / "appliance") as appliance:
                told = scenes.tell(folder, appliance, found.bin_folder, forge, print)
        finally:
            stop()
        print("\n# What the deploys wrote down, a line for each write\n")
        for line in told.audit:
            print(json.dumps(line))
        if "--write" in arguments:
            pages.write(told.scenes)
            if command := browser.find():
                report = pages.FOLDER / f"{pages.SHOWN_AS_HTML}.html"
                picture = folder / "review.png"
                browser.screenshot(command, report, picture, width=1000, height=900)
                pages.PICTURE.parent.mkdir(exist_ok=True)
                pages.PICTURE.write_bytes(picture.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
