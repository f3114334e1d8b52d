"""Starting quickly: a first site file, empty, from a look, or from somebody's spreadsheet. Pure,
except `looking`, which asks through the probes."""
