"""`fields` and `include_fields`: which properties of an object are told. Knows no object."""

from collections.abc import Collection, Mapping

from appliance.errors import invalid_query
from appliance.shapes import Flag, Shape, Text

SELECTION: Mapping[str, Shape] = {"fields": Text(1), "include_fields": Flag()}


def check(query: Mapping[str, object], known: Collection[str]) -> None:
    """Raise the 400 for a field that there isn't; `known` are the names without what stands below a dot."""
    for field in _asked(query):
        if field.partition(".")[0] not in known:
            raise invalid_query(f"'String {field[:80]} does not match pattern' on property fields.")


def chosen(item: dict[str, object], query: Mapping[str, object]) -> dict[str, object]:
    if "fields" not in query:
        return item
    names = {field.partition(".")[0] for field in _asked(query)}
    included = query.get("include_fields", True)
    return {name: value for name, value in item.items() if (name in names) == included}


def _asked(query: Mapping[str, object]) -> list[str]:
    return str(query["fields"]).split(",") if "fields" in query else []
