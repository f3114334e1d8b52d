"""What an inventory says of a site: NetBox's lists as typed data, and what follows from them. Pure.

All of it is text from outside and a claim. Whatever is not of the expected shape is left out, as if
nobody had written it.
"""
