"""Programs that read and write in ways of their own, most of them right."""

from ..tests import Case, TestSet
from .program import HONEST, SUMS, Program, unusual

_LEFT_UNREAD = TestSet((Case("1\n5\n" + "9 " * 200_000, "5\n"),) * 2)

INPUT: tuple[Program, ...] = (
    unusual("plain", HONEST),
    unusual("open_0", "print(sum(map(int, open(0).read().split()[1:])))\n"),
    unusual("open_dev_stdin", "with open('/dev/stdin') as file:\n    print(sum(map(int, file.read().split()[1:])))\n"),
    unusual("read_by_size", "import os\nprint(sum(map(int, os.read(0, os.fstat(0).st_size).split()[1:])))\n"),
    unusual("read_as_bytes", "import sys\nprint(sum(map(int, sys.stdin.buffer.read().split()[1:])))\n"),
    unusual(
        "read_by_lines",
        """
import sys
_, line = sys.stdin
print(sum(map(int, line.split())))
""",
    ),
    unusual(
        "read_fast",
        """
import io, os, sys
input = io.BytesIO(os.read(0, os.fstat(0).st_size)).readline
n = int(input())
sys.stdout.write(f"{sum(map(int, input().split()))}\\n")
""",
    ),
    unusual(
        "read_by_another_name",
        """
import sys
input = sys.stdin.readline
n = int(input())
print(sum(map(int, input().split())))
""",
    ),
    unusual("read_mapped", "import mmap\nprint(sum(map(int, mmap.mmap(0, 0, prot=1)[:].split()[1:])))\n"),
    unusual(
        "read_until_the_end",
        """
import os
x = b''
while y := os.read(0, 3):
    x += y
print(sum(map(int, x.split()[1:])))
""",
    ),
    unusual(
        "read_twice",
        """
import sys
sys.stdin.read()
sys.stdin.seek(0)
"""
        + HONEST,
    ),
    unusual(
        "read_beyond_the_end",
        """
x = []
try:
    while True:
        x += input().split()
except EOFError:
    print(sum(map(int, x[1:])))
""",
    ),
    unusual("read_by_fileinput", "import fileinput\nprint(sum(map(int, ' '.join(fileinput.input()).split()[1:])))\n"),
    Program("read_in_part", "AC AC", HONEST, _LEFT_UNREAD),
    Program("read_from_a_file", "RE", "print(sum(map(int, open('input.txt').read().split()[1:])))\n", SUMS),
    Program("read_too_much", "RE", HONEST + "input()\n"),
)

OUTPUT: tuple[Program, ...] = (
    unusual("print_to_1", "first, second = open(0)\nopen(1, 'w').write(str(sum(map(int, second.split()))))\n"),
    unusual("print_carriage_returns", HONEST.replace(", flush", ", end='\\r\\n', flush")),
    unusual("print_spaces", HONEST.replace(", flush", ", end=' \\t \\n\\n', flush")),
    unusual("print_no_newline", HONEST.replace(", flush", ", end='', flush")),
    unusual(
        "print_to_dev_stdout",
        """
n = int(input())
with open('/dev/stdout', 'w') as file:
    print(sum(map(int, input().split())), file=file)
""",
    ),
    unusual("print_errors_too", HONEST + "import sys\nprint('debug', n, file=sys.stderr)\n"),
    unusual("print_many_errors_too", HONEST + "import sys\nprint('debug' * 20_000, file=sys.stderr)\n"),
    unusual(
        "print_bytes",
        """
import sys
input()
sys.stdout.buffer.write(b'%d' % sum(map(int, input().split())))
""",
    ),
    unusual(
        "print_at_exit",
        """
import atexit
input()
atexit.register(lambda: print(sum(map(int, input().split()))))
""",
    ),
    unusual(
        "print_when_an_object_dies",
        """
class Last:
    def __del__(self):
        print(sum(map(int, self.line.split())))
input()
last = Last()
last.line = input()
""",
    ),
    unusual(
        "print_through_another",
        r"""
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as text:
    exec('input()\nprint(sum(map(int, input().split())))')
print(text.getvalue())
""",
    ),
    Program("print_a_prompt", "WA", HONEST.replace("input()", "input('n? ')", 1), SUMS),
    Program("print_a_null_byte", "WA", HONEST + "print('\\0')\n", SUMS),
    Program("print_bytes_of_no_text", "WA", HONEST + "import os\nos.write(1, b'\\xff\\xfe')\n", SUMS),
    Program("print_a_surrogate", "RE", HONEST + "print('\\ud800')\n", SUMS),
    Program("print_a_full_width_digit", "WA", "print('７')\n", SUMS),
    Program("print_another_space", "WA", HONEST.replace("print(", "print('\\u00a0', "), SUMS),
    Program("print_nothing_after_closing", "RE", "import sys\nsys.stdout.close()\n" + HONEST, SUMS),
    # The interpreter can neither flush nor complain, and says so with exit code 120.
    Program(
        "print_to_a_closed_file",
        "RE|WA",
        """
import os
n = int(input())
os.close(1)
print(n)
""",
        SUMS,
    ),
)

STREAMS = INPUT + OUTPUT
