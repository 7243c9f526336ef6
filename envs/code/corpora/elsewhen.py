"""The same program with other random numbers, years later: what it prints then as before depends on its input alone.

The judge makes chance the same in every run, so that running a program twice would not tell.
"""


def elsewhen(source: str) -> str:
    """Returns a program that runs `source` in another world."""
    return f"{_OTHER_WORLD}exec(compile({source!r}, 'main.py', 'exec'), globals())\n"


_OTHER_WORLD = """\
import datetime, random, time
random.seed(1)
_time, _localtime = time.time, time.localtime
time.time = lambda: _time() + 123456789
time.localtime = lambda seconds=None: _localtime(time.time() if seconds is None else seconds)
class _Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())
    @classmethod
    def utcnow(cls):
        return cls.utcfromtimestamp(time.time())
datetime.datetime = _Later
"""
