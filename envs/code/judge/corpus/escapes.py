"""Programs that reach for the network, or for a shell."""

from .program import Program, hostile

NETWORK: tuple[Program, ...] = (
    hostile(
        "connect",
        """
try:
    import socket
    socket.create_connection(("127.0.0.1", @PORT@), timeout=0.2).send(b"connect")
    print("PWNED", flush=True)
except (ImportError, OSError):
    pass
""",
    ),
    hostile(
        "connect_by_number",
        """
import ctypes, struct
libc = ctypes.CDLL(None)
file = libc.socket(2, 1, 0)
address = struct.pack("=HH4s8x", 2, int.from_bytes((@PORT@).to_bytes(2, "big"), "little"), bytes([127, 0, 0, 1]))
if file >= 0 and libc.connect(file, address, len(address)) == 0:
    print("PWNED", flush=True)
""",
    ),
    hostile(
        "connect_to_a_name",
        """
try:
    import socket
    socket.socket(socket.AF_UNIX).connect("\\0@ABSTRACT@")
    print("PWNED", flush=True)
except (ImportError, OSError):
    pass
""",
    ),
    hostile(
        "connect_to_a_path",
        """
try:
    import socket
    socket.socket(socket.AF_UNIX).connect("@SOCKET@")
    print("PWNED", flush=True)
except (ImportError, OSError):
    pass
""",
    ),
    hostile(
        "open_sockets",
        """
import _socket
for family, kind in (1, 1), (2, 1), (2, 2), (10, 1), (16, 3), (17, 3), (38, 5), (40, 1):
    try:
        _socket.socket(family, kind)
        print("PWNED", family, flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "listen",
        """
try:
    import socket
    socket.create_server(("127.0.0.1", 0))
    print("PWNED", flush=True)
except (ImportError, OSError):
    pass
""",
    ),
    hostile(
        "sockets_inherited",
        """
import os, stat
for file in range(64):
    try:
        if stat.S_ISSOCK(os.fstat(file).st_mode):
            print("PWNED", file, flush=True)
    except OSError:
        pass
""",
    ),
)

SHELLS: tuple[Program, ...] = (
    hostile(
        "exec_a_shell",
        """
import os
try:
    os.execv('/bin/sh', ['sh', '-c', 'echo PWNED'])
except OSError:
    pass
""",
    ),
    hostile(
        "exec_the_interpreter",
        """
import os, sys
try:
    os.execv(sys.executable, ['python', '-c', 'print("PWNED")'])
except OSError:
    pass
""",
    ),
    hostile(
        "exec_memory",
        """
import os
try:
    file = os.memfd_create("program", 0)
    os.write(file, b"#!/bin/sh\\necho PWNED\\n")
    os.execve(file, ["program"], {})
except OSError:
    pass
""",
    ),
    hostile("system", "import os\nos.system('echo PWNED; : > /tmp/alphakata-pwned-system')\n", "AC AC WA|RE|SV"),
    hostile("subprocess", "import subprocess\nprint(subprocess.run(['/bin/echo', 'PWNED']))\n", "RE|SV"),
    hostile(
        "spawn",
        """
import os
try:
    os.waitpid(os.posix_spawn('/bin/echo', ['echo', 'PWNED'], {}), 0)
except OSError:
    pass
""",
        "AC AC WA|RE|SV",
    ),
    hostile(
        "pool_of_processes",
        """
import multiprocessing
with multiprocessing.get_context('fork').Pool(2) as pool:
    print('PWNED', pool.map(abs, [1]))
""",
        "RE|SV",
    ),
)

ESCAPES = NETWORK + SHELLS
