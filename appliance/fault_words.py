"""The words under `do` in a fault plan, and what they mean. Knows what may stand with what; carries nothing out."""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from appliance import fault_edits as e
from appliance import faults as f
from appliance.plan_fields import Fields, in_range, shown

HANG_LIMIT_SECONDS = 600
MOST = HANG_LIMIT_SECONDS * 1000
LATENCY = ("latency_ms", "tail_ms", "tail_probability", "latency_before")
LATE = ("domain_ready_after_seconds", "as", "answer")


def action(do: Fields) -> f.Action:
    options = {option: word for word, (_, options) in ENDINGS.items() for option in options}
    do.known([*LATENCY, "clock_skew_seconds", *LATE, *EDITS, *ENDINGS, *dict.fromkeys(options)])
    if not do.values:
        do.wrong("", "names nothing to do")
    endings = [word for word in ENDINGS if word in do.values]
    for word in endings[1:]:
        do.wrong(word, f'cannot stand in one rule with "{endings[0]}"; give it a rule of its own')
    _check_options(do, endings)
    written = [word for word in EDITS if word in do.values]
    edits = [EDITS[word](do, word) for word in written]
    ending = ENDINGS[endings[0]][0](do, endings[0]) if endings else None
    if ending is not None and not ending.carried_out and written:
        do.wrong(written[0], f'has no answer to change: with "{endings[0]}" nothing is carried out')
    kinds = [*endings, *written, *(word for word in (LATE[0], "clock_skew_seconds", LATENCY[0]) if word in do.values)]
    return f.Action(
        kinds[0] if kinds else "",
        _latency(do),
        do.number("clock_skew_seconds", minimum=-(10**9)) or 0,
        _late_domain(do),
        tuple(edit for edit in edits if edit is not None),
        ending,
    )


def _check_options(do: Fields, endings: list[str]) -> None:
    """Each option stands with its own word only."""
    allowed = {option for word in endings for option in ENDINGS[word][1]}
    for words in ({LATENCY[0]: LATENCY[1:], LATE[0]: LATE[1:]}, {word: more for word, (_, more) in ENDINGS.items()}):
        for word, more in words.items():
            if word in do.values:
                allowed |= set(more)
    every = {option for _, more in ENDINGS.values() for option in more} | set(LATENCY[1:]) | set(LATE[1:])
    for option in do.values:
        if option in every - allowed:
            owners = [word for word, (_, more) in ENDINGS.items() if option in more]
            owners += [group[0] for group in (LATENCY, LATE) if option in group]
            do.wrong(option, f"stands only with {' or '.join(owners)}")


def _latency(do: Fields) -> f.Latency | None:
    written = do.values.get("latency_ms")
    if written is None:
        return None
    bounds = [bound for bound in (written if isinstance(written, list) else [written] * 2) if in_range(bound, 0, MOST)]
    if len(bounds) != 2 or bounds[0] > bounds[1]:
        do.wrong("latency_ms", f"{shown(written)} is neither milliseconds nor [least, most], up to {MOST}")
        bounds = [0, 0]
    tail, probability = do.number("tail_ms", maximum=MOST), do.number("tail_probability", maximum=1)
    if (tail is None) != (probability is None):
        do.wrong("tail_ms" if tail is None else "tail_probability", "is missing: a tail has a length and a probability")
    before = do.text("latency_before", choices=("carrying_out", "answering"))
    return f.Latency(bounds[0], bounds[1], tail or 0, probability or 0, before == "answering")


def _late_domain(do: Fields) -> f.LateDomain | None:
    seconds = do.number("domain_ready_after_seconds")
    how = do.text("as", choices=f.LATE_AS) or "token_endpoint"
    written = do.values.get("answer", "503")
    answer = str(written)
    if answer not in f.LATE_ANSWERS or isinstance(written, bool):
        do.wrong("answer", f"{shown(written)} is not one of {', '.join(f.LATE_ANSWERS)}")
    if "answer" in do.values and how != "token_endpoint":
        do.wrong("answer", f"is never given where the domain is late as {how}")
    return None if seconds is None else f.LateDomain(seconds, how, answer)


def _must_be_true(do: Fields, word: str) -> None:
    if do.values[word] is not True:
        do.wrong(word, f"{shown(do.values[word])} must be true; leave the word out for no fault")


def _status(do: Fields, word: str) -> f.Ending:
    status = do.whole(word, minimum=200, maximum=599) or 500
    body = do.values.get("body")
    if body is not None and not isinstance(body, dict):
        do.wrong("body", f"{shown(body)} must be a mapping, which is answered as JSON")
    html = do.flag("html")
    if html and body is not None:
        do.wrong("body", "is JSON, and html asks for a page; give one of them")
    return f.Status(
        status,
        html,
        cast(dict[str, object] | None, body),
        do.whole_or_text("reset_seconds"),
        do.whole_or_text("retry_after"),
        do.whole("retry_after_date", minimum=-(10**9)),
        do.flag("carried_out"),
    )


def _redirect(do: Fields, word: str) -> f.Ending:
    to = do.text(word) or ""
    if urlsplit(to).scheme not in ("http", "https"):
        do.wrong(word, f"{shown(do.values[word])} is not a URL")
    return f.Redirect(to, do.flag("carried_out"))


def _not_json(do: Fields, word: str) -> f.Ending:
    _must_be_true(do, word)
    return f.NotJson(do.flag("carried_out", default=True))


def _empty_body(do: Fields, word: str) -> f.Ending:
    _must_be_true(do, word)
    return f.EmptyBody(do.flag("carried_out", default=True))


def _reset(do: Fields, word: str) -> f.Ending:
    return f.Reset(do.text(word, choices=("before", "after")) == "after")


def _hang(do: Fields, word: str) -> f.Ending:
    return f.Hang(do.number(word, minimum=0.001, maximum=HANG_LIMIT_SECONDS) or 0, do.flag("carried_out"))


def _refuse(do: Fields, word: str) -> f.Ending:
    return f.RefuseConnections(do.number(word, minimum=0.001, maximum=HANG_LIMIT_SECONDS) or 0)


def _truncate(do: Fields, word: str) -> f.Ending:
    return f.Truncate(do.whole(word) or 0)


def _slow_body(do: Fields, word: str) -> f.Ending:
    slow = do.below(word, "must be a mapping with bytes and every_ms")
    slow.known(("bytes", "every_ms"))
    return f.SlowBody(slow.whole("bytes", minimum=1) or 1, slow.number("every_ms", maximum=60_000) or 0)


Reader = Callable[[Fields, str], f.Ending]
ENDINGS: dict[str, tuple[Reader, tuple[str, ...]]] = {
    "status": (_status, ("html", "body", "reset_seconds", "retry_after", "retry_after_date", "carried_out")),
    "redirect": (_redirect, ("carried_out",)),
    "not_json": (_not_json, ("carried_out",)),
    "empty_body": (_empty_body, ("carried_out",)),
    "reset": (_reset, ()),
    "hang": (_hang, ("carried_out",)),
    "refuse_connections": (_refuse, ()),
    "truncate": (_truncate, ()),
    "slow_body": (_slow_body, ()),
}


def _without_secret(do: Fields, word: str) -> e.Edit:
    _must_be_true(do, word)
    return e.DropFields(frozenset({"client_secret"}))


def _not_a_token(do: Fields, word: str) -> e.Edit:
    _must_be_true(do, word)
    return e.DropFields(frozenset({"access_token"}))


def _drop_fields(do: Fields, word: str) -> e.Edit:
    return e.DropFields(frozenset(do.texts(word)))


def _other_tenant(do: Fields, word: str) -> e.Edit:
    return e.OtherTenant(do.text(word) or "someone-else")


def _reshape(do: Fields, word: str) -> e.Edit:
    shape = do.below(word)
    shape.known(("nested", "camel_case", "status"))
    status = shape.whole("status", minimum=200, maximum=299)
    return e.Reshape(shape.text("nested"), shape.flag("camel_case"), status)


def _token_scope(do: Fields, word: str) -> e.Edit:
    return e.TokenScope(do.texts(word))


def _expires_in(do: Fields, word: str) -> e.Edit:
    if isinstance(do.values[word], dict):
        life = do.below(word)
        life.known(("claimed", "real"))
        if "real" not in life.values:
            life.wrong("real", "is missing: the seconds that the token really lives")
        return e.TokenLife(life.whole("claimed"), life.whole("real") or 0)
    seconds = do.whole(word) or 0
    return e.TokenLife(seconds, seconds)


def _drop_scopes(do: Fields, word: str) -> e.Edit:
    return e.DropValues("scope", frozenset(do.texts(word)))


def _drop_owners(do: Fields, word: str) -> e.Edit:
    return e.DropValues("owners", frozenset(do.texts(word)))


def _duplicate_items(do: Fields, word: str) -> e.Edit:
    return e.DuplicateItems(1 if do.values[word] is True else do.whole(word, minimum=1) or 1)


def _drop_items(do: Fields, word: str) -> e.Edit:
    if isinstance(do.values[word], list):
        return e.DropItems(0, frozenset(do.texts(word)))
    return e.DropItems(do.whole(word, minimum=1) or 0, frozenset())


def _reorder_items(do: Fields, word: str) -> e.Edit:
    _must_be_true(do, word)
    return e.ReorderItems()


def _repeat_page(do: Fields, word: str) -> e.Edit:
    _must_be_true(do, word)
    return e.RepeatPage()


def _cap_page(do: Fields, word: str) -> e.Edit:
    return e.CapPage(do.whole(word, minimum=1) or 1)


EDITS: dict[str, Callable[[Fields, str], e.Edit]] = {
    "without_secret": _without_secret,
    "drop_fields": _drop_fields,
    "other_tenant": _other_tenant,
    "reshape": _reshape,
    "not_a_token": _not_a_token,
    "token_scope": _token_scope,
    "expires_in": _expires_in,
    "drop_scopes": _drop_scopes,
    "drop_owners": _drop_owners,
    "duplicate_items": _duplicate_items,
    "drop_items": _drop_items,
    "reorder_pages": _reorder_items,
    "repeat_page": _repeat_page,
    "cap_page": _cap_page,
}
