"""A small real site on loopback: machines, management controllers, and faults to play with."""
