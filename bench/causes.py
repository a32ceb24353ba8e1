"""Where a bound does not hold: the cause, and what was tried. Kept beside the bounds, by row and words of the bound."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[tuple[str, str], str] = {
    ("naive", "`up` of 500 new tenants"): (
        "1/8 was set for 1,000 tenants. What is slow in the naive one grows with the square of their number (the state "
        "is written anew for each), so at 500 it is about half as much for each tenant; 1,000 take more minutes "
        "than a benchmark should."
    ),
    ("latency", "`up` of 500 at 250 ms, `--parallel 64`"): (
        "four threads wait for nearly all of their time, whatever the processor; an update computes for nearly all of "
        "its own. So this ratio tells how fast the two processors are at that hour: their CPU seconds for the same "
        "work, in `bench/results.json`, were 1.5 to 1.7 times those of the run before, which had 0.15 here. The bound "
        "below it, which counts the engine's floor of the same minute, holds."
    ),
    ("scripts", "200 tenants at 50 ms, without the CLI's start"): (
        "profiled: both processors are busy from the first tenant to the last. Beyond its start `pulumi` computes for "
        "some 4 CPU seconds (a fifth of them in the CLI, a third in the program, half in the provider), and the local "
        "appliance for 1 or 2 on the same two processors; the script computes for 2 and waits for the rest. Tried: "
        "more at once, which changes nothing (64 threads cost what one does); requests without a session's cookies, "
        "settings and redirects, and pools that start empty, which took about a tenth from the provider's work; the "
        "appliance's signing keys prepared beforehand. What is left is a TLS session for each new domain, the "
        "engine's calls, and HTTP in Python. Declaring tenants while the grant is made would save about 0.2 s, and "
        "make the program hard to read; not done."
    ),
}
