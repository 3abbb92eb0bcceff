"""The networks: one module per family, all with the same few methods (see base)."""
