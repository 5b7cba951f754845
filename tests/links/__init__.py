"""The real server over real TCP through links that are slow, far, lossy or blocked."""
