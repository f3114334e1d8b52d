"""The booking: calendar files, the slip in them, and whether the trip may go.

calendar   a trip in an iCalendar file: read, and rewritten with everything foreign kept
slip       the small signed statement about a verified report
policy     what this firm wants before it buys, commits or leaves
gate       documents and policy to one answer: may this trip go?
"""
