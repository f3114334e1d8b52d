"""The parts of the terminal's text, one file each."""
