"""The system calls the judge's filters name, with their numbers on x86-64 and on 64-bit ARM, "-" where there is none.

Source: Linux 6.1, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

# What a program needs: files, paths, waiting, memory, threads, signals and time, and questions about itself.
ALLOWED = """
read 0 63; write 1 64; readv 19 65; writev 20 66; pread64 17 67; pwrite64 18 68; preadv 295 69; pwritev 296 70;
preadv2 327 286; pwritev2 328 287; lseek 8 62; close 3 57; close_range 436 436; dup 32 23; dup2 33 -; dup3 292 24;
pipe 22 -; pipe2 293 59; eventfd2 290 19; sendfile 40 71; copy_file_range 326 285; fsync 74 82; fdatasync 75 83;
ftruncate 77 46; fadvise64 221 223; umask 95 166;
stat 4 -; lstat 6 -; fstat 5 80; newfstatat 262 79; statx 332 291; access 21 -; faccessat 269 48; faccessat2 439 439;
readlink 89 -; readlinkat 267 78; getcwd 79 17; chdir 80 49; fchdir 81 50; getdents64 217 61;
poll 7 -; ppoll 271 73; select 23 -; pselect6 270 72; epoll_create1 291 20; epoll_ctl 233 21; epoll_wait 232 -;
epoll_pwait 281 22; recvfrom 45 207;
brk 12 214; mmap 9 222; munmap 11 215; mremap 25 216; mprotect 10 226; madvise 28 233;
futex 202 98; set_robust_list 273 99; get_robust_list 274 100; rseq 334 293; set_tid_address 218 96;
membarrier 324 283; exit 60 93; exit_group 231 94; wait4 61 260; waitid 247 95;
rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139; rt_sigpending 127 136; rt_sigtimedwait 128 137;
rt_sigsuspend 130 133; sigaltstack 131 132; pause 34 -; restart_syscall 219 128; alarm 37 -; getitimer 36 102;
setitimer 38 103; nanosleep 35 101; clock_nanosleep 230 115; clock_gettime 228 113; clock_getres 229 114;
gettimeofday 96 169; time 201 -; times 100 153;
getpid 39 172; gettid 186 178; getppid 110 173; getuid 102 174; geteuid 107 175; getgid 104 176; getegid 108 177;
getresuid 118 148; getresgid 120 150; getgroups 115 158; getpgrp 111 -; getpgid 121 155; getsid 124 156;
getrusage 98 165; getrlimit 97 163; getpriority 140 141; getcpu 309 168; getrandom 318 278; uname 63 160;
sysinfo 99 179; sched_yield 24 124; sched_getaffinity 204 123; sched_getparam 143 121; sched_getscheduler 145 120;
sched_get_priority_max 146 125; sched_get_priority_min 147 126
"""

# What it needs in part: the filters look at arguments; the most frequent first, which `input()` asks each time.
LOOKED_AT = """
ioctl 16 29; fcntl 72 25; clone 56 220; openat 257 56; socketpair 53 199; sendto 44 206; kill 62 129; tgkill 234 131;
prlimit64 302 261
"""

# What only the judge's own process needs.
ITS_OWN = """
prctl 157 167; recvmsg 47 212
"""

# What a program of the machine's own code needs besides, to begin.
TO_BEGIN = """
execveat 322 281; arch_prctl 158 -
"""

# What a compiler needs besides: other programs, and files to put away again.
TO_COMPILE = """
execve 59 221; vfork 58 -; fork 57 -; unlink 87 -; unlinkat 263 35; rename 82 -; renameat 264 38; chmod 90 -;
fchmod 91 52; fchmodat 268 53; arch_prctl 158 -
"""

# What libraries try first and can do without, if told that it is not there.
ABSENT = """
clone3 435 435; openat2 437 437; epoll_pwait2 441 441; futex_waitv 449 449
"""

# What no program of a contest calls by accident.
DEADLY = """
ptrace 101 117; process_vm_readv 310 270; process_vm_writev 311 271; pidfd_getfd 438 438; process_madvise 440 440;
kcmp 312 272; unshare 272 97; setns 308 268; mount 165 40; umount2 166 39; pivot_root 155 41; chroot 161 51;
move_mount 429 429; open_tree 428 428; fsopen 430 430; fsconfig 431 431; fsmount 432 432; fspick 433 433;
mount_setattr 442 442; io_uring_setup 425 425; io_uring_enter 426 426; io_uring_register 427 427; bpf 321 280;
perf_event_open 298 241; add_key 248 217; request_key 249 218; keyctl 250 219; userfaultfd 323 282;
init_module 175 105; finit_module 313 273; delete_module 176 106; kexec_load 246 104; kexec_file_load 320 294;
reboot 169 142; swapon 167 224; swapoff 168 225; acct 163 89; quotactl 179 60; iopl 172 -; ioperm 173 -;
modify_ldt 154 -
"""


def numbers(table: str, machine: str) -> dict[str, int]:
    """Returns the numbers of a table's calls on "x86_64" or "aarch64", by name."""
    column = {"x86_64": 1, "aarch64": 2}[machine]
    rows = [row.split() for row in table.split(";")]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
