"""First contact: what unpinned things show, and the pins that somebody confirmed."""
