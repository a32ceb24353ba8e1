"""Loaded by every Python of a run through PYTHONPATH: stops the provider process at a chosen point of a creation.

The product has no switch for this. Python tells an audit hook what a process is about to do (open a file, rename one,
send bytes), and a hook may take its time, or raise in place of the act. Knows file names and request lines; imports
nothing of ours.
"""

import datetime
import os
import re
import sys
import threading
import time

ASIDE = re.compile(r"/\.customer-[a-z0-9-]+\.json\.\d+\.")
PROBE = re.compile(r"/\.\.probe-[a-z0-9]+\.json\.\d+\.")
POST = b"POST /api/v2/tenants "
PATCH = b"PATCH /api/v2/clients/"
REQUESTS = {
    b"POST /api/v2/clients ": "before an application is made",
    b"POST /api/v2/client-grants ": "application made, without its grant",
    b"POST /v1/secret/data/": "before the sink is written",
    b"DELETE /api/v2/clients/": "before the old application goes",
}
PROOF = re.compile(rb"^POST /oauth/token .*\bHost: rta", re.DOTALL | re.IGNORECASE)
LOOK = re.compile(rb"^POST /oauth/token .*\bHost: customer-", re.DOTALL | re.IGNORECASE)
PATCHED = []  # whether an application was changed by this process


def at(event, args):
    """The name of the point that an event is, or ""."""
    if event == "http.client.send" and isinstance(args[1], bytes):
        if args[1].startswith(POST):
            return "before the POST"
        for start, point in REQUESTS.items():
            if args[1].startswith(start):
                return point
        if args[1].startswith(PATCH):
            PATCHED.append(True)
            return "before the secret is set"
        if PATCHED and (PROOF.match(args[1]) or LOOK.match(args[1])):
            return "secret set, not proved"
        return "escrow written" if LOOK.match(args[1]) else ""
    if event not in ("open", "os.rename") or not isinstance(args[0], str | bytes | os.PathLike):
        return ""
    path = os.fsdecode(args[0])
    if ASIDE.search(path):
        return "answer read" if event == "open" else "escrow half written"
    return "escrow probed" if event == "open" and PROBE.search(path) else ""


class Stop:
    """At `point`, from its `first` time on, each thread says so in `folder` and waits there until told to go on."""

    def __init__(self, point, first, folder, error):
        self.point, self.first, self.folder, self.error = point, first, folder, error
        self.times = 0
        self.lock = threading.Lock()

    def hook(self, event, args):
        if at(event, args) != self.point:
            return
        with self.lock:
            self.times += 1
            number = self.times
        if number < self.first:
            return
        os.close(os.open(f"{self.folder}/stopped-{os.getpid()}-{number}", os.O_WRONLY | os.O_CREAT))
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        while not os.path.exists(f"{self.folder}/go-on"):  # noqa: PTH110
            time.sleep(0.02)


def set_clock_back(seconds):
    """Every clock that Python code of this process reads shows an earlier time."""
    true_time, true_datetime = time.time, datetime.datetime

    class Earlier(true_datetime):
        @classmethod
        def now(cls, tz=None):
            return true_datetime.now(tz) - datetime.timedelta(seconds=seconds)

    time.time = lambda: true_time() - seconds
    datetime.datetime = Earlier


if "pulumi.dynamic" in sys.orig_argv:
    if "CRASH_AT" in os.environ:
        error = int(os.environ.get("CRASH_ERROR", "0"))
        sys.addaudithook(
            Stop(os.environ["CRASH_AT"], int(os.environ["CRASH_FROM"]), os.environ["CRASH_FOLDER"], error).hook
        )
    if "CRASH_CLOCK_BACK" in os.environ:
        set_clock_back(float(os.environ["CRASH_CLOCK_BACK"]))
