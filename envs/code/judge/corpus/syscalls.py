"""Programs that go round every library and call the kernel by number, by another door, or in machine code.

`ctypes` is open to whoever looks for it, so what Python does not offer is no obstacle.
"""

from .program import CONTAINED, Program, hostile

# A call that is let through says so by its result, or by complaining of its arguments instead of the caller.
_CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    if result >= 0 or ctypes.get_errno() not in (1, 3, 13, 38):  # EPERM, ESRCH, EACCES, ENOSYS
        print("PWNED", number, result, ctypes.get_errno(), flush=True)
    return result
arm = os.uname().machine == "aarch64"
buffer = ctypes.create_string_buffer(1 << 12)
here = ctypes.addressof(buffer)
"""
_KILLED = "SV"
# What other processors do not have.
_SOME_KILLED = "SV|AC AC WA"


def _calls(name: str, *calls: tuple[int, int, str], fate: str = CONTAINED) -> Program:
    """Returns a program that makes calls, given as number on x86_64, number on aarch64 and arguments."""
    lines = (f"call({arm} if arm else {intel}, {arguments})\n" for intel, arm, arguments in calls)
    return hostile(name, _CALL + "".join(lines), fate)


def _code(name: str, *instructions: str) -> Program:
    """Returns a program that runs x86_64 machine code, given in hexadecimal digits."""
    attack = f"""
import ctypes, mmap, os
code = bytes.fromhex("{" ".join(instructions)}")
try:
    if os.uname().machine == "x86_64":
        place = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        place.write(code)
        function = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(place)))
        if (result := function()) == 0:
            os._exit(0)
        if 0 < result < 1 << 31:
            print("PWNED", result, flush=True)
except OSError:
    pass
"""
    return hostile(name, attack, _SOME_KILLED)


OTHERS = (
    _calls("ptrace_parent", (101, 117, "16, os.getppid(), 0, 0"), fate=_KILLED),
    _calls("ptrace_seize_parent", (101, 117, "0x4206, os.getppid(), 0, 0"), fate=_KILLED),
    hostile(
        "read_memory_of_parent",
        """
import ctypes, os
libc = ctypes.CDLL(None)
buffer = ctypes.create_string_buffer(64)
vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)
other = (ctypes.c_size_t * 2)(id(os), 64)
if libc.process_vm_readv(os.getppid(), vector, 1, other, 1, 0) > 0:
    print("PWNED", flush=True)
""",
        _KILLED,
    ),
    hostile(
        "take_descriptors_of_parent",
        """
import ctypes, os
libc = ctypes.CDLL(None)
try:
    parent = os.pidfd_open(os.getppid())
    if max(libc.syscall(438, parent, number, 0) for number in range(64)) >= 0:
        print("PWNED", flush=True)
except OSError:
    pass
""",
    ),
    _calls("compare_with_parent", (312, 272, "os.getpid(), os.getppid(), 1, 0, 0"), fate=_KILLED),
    _calls("signal_parent", (129, 138, "os.getppid(), 9, here"), (234, 131, "os.getppid(), os.getppid(), 9")),
    _calls("read_kernel_log", (103, 116, "3, here, 64")),
)

PRIVILEGES = (
    _calls("new_user_namespace", (272, 97, "0x10000000"), fate=_KILLED),
    _calls("new_namespaces", (272, 97, "0x6c020000"), fate=_KILLED),
    _calls("join_a_namespace", (308, 268, "0, 0"), fate=_KILLED),
    _calls(
        "mount", (165, 40, "here, here, here, 0, 0"), (430, 430, "here, 0"), (428, 428, "-100, here, 1"), fate=_KILLED
    ),
    _calls("unmount", (166, 39, "here, 2"), (155, 41, "here, here"), fate=_KILLED),
    hostile(
        "become_root",
        """
import os
for become in (lambda: os.setresuid(0, 0, 0), lambda: os.setresgid(0, 0, 0), lambda: os.setgroups([0])):
    try:
        if os.getresuid() == (0, 0, 0):
            print("PWNED", flush=True)
        become()
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    _calls("bpf", (321, 280, "0, here, 64"), fate=_KILLED),
    _calls("keyring", (250, 219, "0, -3, 1"), (248, 217, "here, here, here, 4, -3"), fate=_KILLED),
    _calls("performance_counters", (298, 241, "here, 0, -1, -1, 0"), fate=_KILLED),
    _calls("page_faults_handled", (323, 282, "1"), fate=_KILLED),
    _calls("io_uring", (425, 425, "4, here"), fate=_KILLED),
    _calls(
        "kernel_modules", (175, 105, "here, 64, here"), (313, 273, "0, here, 0"), (246, 104, "0, 0, 0, 0"), fate=_KILLED
    ),
    _calls("reboot", (169, 142, "0, 0, 0, 0"), fate=_KILLED),
    _calls("clock_set", (227, 112, "0, here"), (164, 170, "here, 0"), (305, 266, "0, here")),
    _calls("name_set", (170, 161, "here, 4"), (171, 162, "here, 4")),
    _calls("files_by_handle", (304, 265, "-100, here, 0"), (303, 264, "-100, here, here, here, 0")),
    _calls("watch_files", (300, 262, "0, 0"), (294, 26, "0"), (254, 27, "0, here, 2")),
    _calls("ports", (172, 300, "3"), (173, 300, "0, 1024, 1"), fate=_SOME_KILLED),
    _calls("queues_of_messages", (240, 180, "here, 66, 384, 0"), (68, 186, "0, 960"), (64, 190, "0, 1, 960")),
    _calls("segments_of_memory", (29, 194, "0, 4096, 960")),
    _calls("secret_memory", (447, 447, "0")),
)

CHILDREN = (
    hostile(
        "fork_by_libc",
        """
import ctypes, os
child = ctypes.CDLL(None).fork()
if child == 0:
    os._exit(0)
if child > 0:
    print("PWNED", flush=True)
""",
    ),
    hostile(
        "clone_by_number",
        """
import ctypes, os
libc = ctypes.CDLL(None)
for flags in 17, 0x10000011, 0x20000011, 0x6c020011:
    child = libc.syscall(220 if os.uname().machine == "aarch64" else 56, flags, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        print("PWNED", flags, flush=True)
""",
    ),
    hostile(
        "clone3",
        """
import ctypes, os
arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
child = ctypes.CDLL(None).syscall(435, arguments, 88)
if child == 0:
    os._exit(0)
if child > 0:
    print("PWNED", flush=True)
""",
    ),
    # mov eax, 2; int 0x80; ret: the 32-bit table, in which 2 is fork.
    _code("fork_by_int_80", "b8 02 00 00 00", "cd 80", "c3"),
    # mov eax, 0x40000039; syscall; ret: the x32 table.
    _code("fork_by_x32", "b8 39 00 00 40", "0f 05", "c3"),
    # mov eax, 58; syscall; test eax, eax; jnz +9; xor edi, edi; mov eax, 60; syscall; ret: the child ends at once.
    _code("vfork_in_machine_code", "b8 3a 00 00 00", "0f 05", "85 c0", "75 09", "31 ff", "b8 3c 00 00 00", "0f 05 c3"),
)

SYSCALLS = OTHERS + PRIVILEGES + CHILDREN
