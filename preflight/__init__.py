"""Is this site really ready? Declarative checks, evidence, and a signed go / no-go report."""

__version__ = "0.1.0"
