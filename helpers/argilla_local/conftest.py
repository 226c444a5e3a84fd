"""No doctests in the modules that import argilla_server, which only the server's environment has."""

collect_ignore = [
    f"{name}.py"
    for name in (
        "conditions",
        "documents",
        "engine",
        "hits",
        "leveling",
        "limits",
        "mends",
        "orders",
        "outbox",
        "refusals",
        "rereading",
        "sign_in",
        "statuses",
        "storable",
        "upkeep",
        "web_pages",
    )
]
