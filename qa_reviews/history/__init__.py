"""Review history from other tools: how their exports map to our rows, and where scores differ and why."""
