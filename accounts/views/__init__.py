"""Pages of accounts: coming in, and the settings section."""
