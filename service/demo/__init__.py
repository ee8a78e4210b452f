"""A fictional bank and one of its days, to try the gateway on: `python -m service demo`."""
