"""No doctests in the modules that import argilla_server, which only the server's environment has."""

collect_ignore_glob = ["[!_]*.py"]
