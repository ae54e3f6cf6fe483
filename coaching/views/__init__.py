"""Pages of coaching: assignments, rules, runs."""
