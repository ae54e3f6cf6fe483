"""The people API (api.md "People")."""
