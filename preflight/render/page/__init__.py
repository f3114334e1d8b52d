"""The parts of the printed page, one file each. Every part is report data in, safe markup out."""
