"""May this actor do this to this row now, and if not, why."""
