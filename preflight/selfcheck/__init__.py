"""The customer's self-check: scripts that collect, answers that are judged by the vendor.

items            what the script is to collect, from the same plan as a run. Pure
parts            one site in as few scripts as can be read. Pure
script, readme   the script and what is told about it. Pure
build            all of it with the signed packs
answers, seal    the file that comes back, and whether it is the one that was written
convert          collected text to typed evidence of the customer's vantage. Pure
requests         what was asked and what was accepted, on this machine
accept           from answers and a report to the acceptance and the report that names it
"""
