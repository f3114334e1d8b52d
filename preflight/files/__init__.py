"""Files that people write: text to typed data, positions kept for messages."""
