"""The e-paper panel: its own process, fed by the daemon's status socket. Read next: `service`."""
