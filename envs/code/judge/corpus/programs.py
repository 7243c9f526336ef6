"""All programs of the corpus, and the few that tell most of a machine in a few seconds."""

from .assaults import ASSAULTS
from .cheats import CHEATS
from .endings import ENDINGS
from .escapes import ESCAPES
from .files import FILES
from .program import Program
from .resources import RESOURCES
from .spies import SPIES
from .state import STATE
from .streams import STREAMS
from .syscalls import SYSCALLS
from .unusual import UNUSUAL

PROGRAMS: tuple[Program, ...] = (
    RESOURCES + ENDINGS + ASSAULTS + FILES + ESCAPES + SYSCALLS + CHEATS + SPIES + STREAMS + UNUSUAL + STATE
)

_TELLING = {
    "plain",
    "wrong_but_modest",
    "endless_loop",
    "endless_sleep",
    "memory_at_once",
    "source_with_an_error",
    "endless_output",
    "divides_by_zero_in_the_second_test",
    "thread_with_a_big_stack",
    "exit",
    "fork_children",
    "kill_parent",
    "raise_own_limits",
    "read_files",
    "list_folders",
    "write_files",
    "delete_files",
    "connect",
    "exec_a_shell",
    "ptrace_parent",
    "io_uring",
    "new_user_namespace",
    "memory_searched",
    "input_reopened",
}
SAMPLE: tuple[Program, ...] = tuple(program for program in PROGRAMS if program.name in _TELLING)
