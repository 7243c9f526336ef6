"""The host's end of the judge's processes: starts them, hands them sources and inputs, takes what comes of these.

No expected output gets as far as this; outputs are compared in `trial.py`.
"""
