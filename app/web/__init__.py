"""HTTPS and WebSockets. Read next: `server`."""
