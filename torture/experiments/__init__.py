"""The experiments of `make torture`: each module has a `SECTIONS`, and is found by being here."""
