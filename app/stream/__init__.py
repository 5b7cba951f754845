"""Who gets which access unit, when. Pure. Read next: `wire`, then `hub`."""
