"""Programs that reach for files outside."""

from .program import Program, hostile

FILES: tuple[Program, ...] = (
    hostile(
        "read_files",
        """
for path in "/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/1/environ", "/proc/self/environ", "@READABLE@":
    try:
        if open(path, "rb").read(10):
            print("PWNED", path, flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "list_folders",
        """
import os
for path in "/", "/etc", "/home", "/root", "/tmp", "/var", "/proc", "/sys", "/dev/shm", "@HOME@":
    try:
        print("PWNED", path, os.listdir(path), flush=True)
    except OSError:
        pass
""",
    ),
    # To look is not to open, so where no namespace hides the machine's files, nothing does.
    hostile(
        "look_for_files",
        """
import os
for path in "/etc/passwd", "/home", "/tmp", "@READABLE@":
    try:
        os.stat(path)
        print("PWNED", path, flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "walk_up",
        """
import os
try:
    for _ in range(10):
        os.chdir("..")
    print("PWNED", os.listdir(), flush=True)
except OSError:
    pass
""",
    ),
    hostile(
        "write_files",
        """
for folder in "/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/usr", "@HOME@", "@CWD@":
    try:
        open(f"{folder}/alphakata-pwned-write_files", "w").write("!")
        print("PWNED", folder, flush=True)
    except OSError:
        pass
""",
    ),
    # Its own folder may be written to, as long as nobody else ever sees it.
    hostile(
        "write_here",
        """
try:
    open('alphakata-pwned-write_here', 'w').write('!')
except OSError:
    pass
""",
    ),
    hostile(
        "delete_files",
        """
import os, shutil
for delete in os.unlink, os.remove, lambda path: os.truncate(path, 0), lambda path: os.rename(path, path + "~"):
    try:
        delete("@VICTIM@")
        print("PWNED", flush=True)
    except OSError:
        pass
shutil.rmtree("/tmp/alphakata-none", ignore_errors=True)
""",
    ),
    hostile(
        "change_files",
        """
import os
for change in (
    lambda: os.chmod("@VICTIM@", 0o777),
    lambda: os.chown("@VICTIM@", os.getuid(), os.getgid()),
    lambda: os.utime("@VICTIM@", (0, 0)),
    lambda: os.setxattr("@VICTIM@", "user.alphakata", b"!"),
):
    try:
        change()
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "link_files",
        """
import os
for make in os.link, os.symlink:
    try:
        make("@READABLE@", "/tmp/alphakata-pwned-link_files")
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "make_files",
        """
import os, stat
for make in (
    lambda path: os.mkdir(path),
    lambda path: os.mkfifo(path),
    lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 1)),
    lambda path: os.mknod(path, stat.S_IFSOCK | 0o666),
):
    try:
        make("/tmp/alphakata-pwned-make_files")
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "make_a_temporary_file",
        """
import os
for folder in "/tmp", "/var/tmp", "/dev/shm":
    try:
        os.open(folder, os.O_TMPFILE | os.O_RDWR)
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    # What the next program would import.
    hostile(
        "change_the_library",
        """
import os, statistics
for path in statistics.__file__, os.__file__, statistics.__cached__:
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("PWNED", path, flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "devices",
        """
import os
for path in "/dev/mem", "/dev/kmsg", "/dev/tty", "/dev/ptmx", "/dev/sda", "/dev/vda", "/dev/kvm", "/dev/fuse":
    try:
        os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        print("PWNED", path, flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "settings_of_the_kernel",
        """
import os
for path in "/proc/sys/kernel/core_pattern", "/proc/self/oom_score_adj", "/sys/fs/cgroup/cgroup.procs":
    try:
        os.open(path, os.O_RDWR)
        print("PWNED", path, flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "change_the_root",
        """
import os
try:
    os.chroot('.')
    print('PWNED')
except OSError:
    pass
""",
        "AC AC WA|SV",
    ),
)
