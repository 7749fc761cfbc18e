"""The console: pages for community workers and stewards, written on the server.

Everything works without scripts; where htmx is at hand, results and states come while one waits.
Pages show what the API would: their reads go through the same `Access`, views and audit.
"""
