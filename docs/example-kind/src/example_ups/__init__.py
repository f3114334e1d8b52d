"""Is the server's UPS on mains, and charged? A kind and a probe for preflight."""
