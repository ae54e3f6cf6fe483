"""What the desk writes: whole workspaces, through the services of the apps below."""
