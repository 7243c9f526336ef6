"""What the judge's own processes run: it shuts them in, and lets one program after the other run there.

They load it by itself (`host/boot.py`), so it imports the standard library and nothing else; of it the host reads what
both ends must agree on, in `protocol.py`.
"""
