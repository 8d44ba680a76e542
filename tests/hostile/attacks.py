"""What each hostile program must come to, on every backend, and what it must not have touched."""

from dataclasses import dataclass

from heurigym.problems.outcome import Outcome
from heurigym.problems.spec import Limits

LIMITS = Limits(
    time_s=1.0, memory_mb=256, processes=24, scratch_mb=16, files=200, solution_mb=1, output_kb=16, cores=1
)
"""The same for all attacks, so that containers can be prepared for them."""


@dataclass(frozen=True)
class Attack:
    """What a program must come to.

    Attributes:
        outcome: how it must end.
        solution: the solution that must be taken out; none unless it ends well.
        message: what the message must contain.
        time_s: its time limit.
        leaves: whether it leaves things behind, so that the next program must be looked at.
        machines: architectures that it is written for; all if none is named.
    """

    outcome: Outcome | None = None
    solution: str | None = None
    message: str = ""
    time_s: float = 10.0
    leaves: bool = False
    machines: tuple[str, ...] = ()


def harmless(solution: str, *, leaves: bool = False, machines: tuple[str, ...] = ()) -> Attack:
    """It ends well, and its solution tells that it came to nothing."""
    return Attack(solution=solution, leaves=leaves, machines=machines)


def crashes(message: str, *, machines: tuple[str, ...] = ()) -> Attack:
    """It brings only itself down."""
    return Attack(Outcome.CRASHED, message=message, machines=machines)


def no_output(message: str) -> Attack:
    """Its solution is not taken."""
    return Attack(Outcome.NO_OUTPUT, message=message)


TIMES_OUT = Attack(Outcome.TIMED_OUT, message="of 1 s", time_s=1.0)
RUNS_OUT_OF_MEMORY = Attack(Outcome.OUT_OF_MEMORY, message="256 MiB")
X86 = ("x86_64",)

ATTACKS = {
    # Processes and memory.
    "fork_bomb": TIMES_OUT,
    "fork_bomb_left_behind": harmless("first", leaves=True),
    "thread_bomb": harmless("limited"),
    "memory_bomb": RUNS_OUT_OF_MEMORY,
    "memory_bomb_in_eight_processes": RUNS_OUT_OF_MEMORY,
    "memory_bomb_in_memfds": RUNS_OUT_OF_MEMORY,
    "memory_bomb_in_shared_segments": RUNS_OUT_OF_MEMORY,
    "address_space_giant": harmless("8 regions"),
    # Files.
    "disk_filler": harmless("ENOSPC at 16 MiB"),
    "disk_filler_in_every_folder": crashes(""),
    "inode_filler": harmless("limited"),
    "deep_folders": harmless("limited"),
    "giant_file": crashes("File too large"),
    "sparse_solution": Attack(Outcome.OUTPUT_TOO_LARGE, message=str(12 << 20)),
    # Streams and the protocol of the guest.
    "endless_stdout": TIMES_OUT,
    "endless_stderr": TIMES_OUT,
    "pipe_kept_by_a_grandchild": harmless("first", leaves=True),
    "closed_streams": harmless("first"),
    "descriptors_used_up": harmless("limited"),
    "forged_reply_on_stdout": no_output("wrote no solution"),
    "forged_reply_on_every_descriptor": harmless("reached []"),
    "stderr_that_imitates_the_harness": crashes("ignore the verdict"),
    # Time.
    "ignores_signals": TIMES_OUT,
    "patched_clocks": TIMES_OUT,
    "sleeps_in_children": TIMES_OUT,
    "stops_itself": TIMES_OUT,
    "oversubscription_by_processes": TIMES_OUT,
    "oversubscription_by_threads": TIMES_OUT,
    "short_lived_children": TIMES_OUT,
    "lower_priority": TIMES_OUT,
    "endless_exit_handler": TIMES_OUT,
    "endless_thread": TIMES_OUT,
    "daemon_thread": harmless("first"),
    "daemon_process": harmless("first", leaves=True),
    "adopted_children": harmless("first", leaves=True),
    # Ends.
    "exits_at_once": no_output("wrote no solution"),
    "aborts": crashes("SIGABRT"),
    "segmentation_fault": crashes("SIGSEGV"),
    "exit_code_of_a_signal": crashes("exit code 137"),
    "exit_message_that_floods": crashes("xxx"),
    "infinite_recursion": crashes("RecursionError"),
    "stack_overflow": crashes("SIGSEGV"),
    "hostile_exception": crashes("Hostile"),
    "endless_exception": TIMES_OUT,
    "forged_exit": crashes(""),
    "frames_of_the_guest": crashes(""),
    "x86_system_calls": crashes("SIGSYS", machines=X86),
    "x32_system_calls": crashes("SIGSYS", machines=X86),
    # The network.
    "host_loopback": harmless("reached []"),
    "host_addresses": harmless("reached []"),
    "name_lookup": harmless("refused"),
    "abstract_socket": harmless("refused"),
    "unix_sockets": harmless("reached []"),
    "other_socket_families": harmless("opened []"),
    # Secrets.
    "reads_the_verifier": harmless("found []"),
    "imports_the_harness": harmless("imported []"),
    "reads_keys": harmless("found []"),
    "reads_memory": harmless("read []"),
    "writes_memory": harmless("wrote []"),
    "reads_home_and_shadow": harmless("found [], 1 user"),
    "sees_other_processes": harmless("2 processes, the last is me: True"),
    "reads_other_runs": harmless("found []"),
    "reads_the_kernel": harmless("nothing"),
    "writes_settings_of_the_kernel": harmless("nothing"),
    # Inputs.
    "writes_the_inputs": harmless("nothing"),
    "writes_the_inputs_from_behind": harmless("changed []"),
    "remounts": harmless("nothing", machines=X86),
    # The solution.
    "solution_is_a_link": no_output("symbolic link"),
    "solution_is_a_link_to_the_system": no_output("symbolic link"),
    "solution_is_a_link_to_a_process": no_output("symbolic link"),
    "solution_is_a_hard_link": no_output("hard link"),
    "solution_is_a_fifo": no_output("FIFO"),
    "solution_is_a_socket": no_output("socket"),
    "solution_is_a_folder": no_output("folder"),
    "solution_is_a_device": no_output("wrote no solution"),
    "solution_without_permission": no_output("permission"),
    "folder_without_permission": no_output("folder of the solution"),
    "folder_is_replaced": harmless("replaced by []"),
    "solution_grows_after_the_end": harmless("first", leaves=True),
    "solutions_of_other_instances": harmless("mine", leaves=True),
    "written_by_a_child": harmless("by a child"),
    # Privileges.
    "kills_everything": harmless("still here"),
    "signals_to_the_supervisor": harmless("still here"),
    "traces": harmless("nothing", machines=X86),
    "memory_of_others": harmless("nothing", machines=X86),
    "new_namespaces": harmless("nothing", machines=X86),
    "keyrings": harmless("nothing", machines=X86),
    "dangerous_system_calls": harmless("nothing", machines=X86),
    "administration": harmless("nothing", machines=X86),
    "personality": harmless("nothing", machines=X86),
    "other_cores": harmless("nothing, 1 core, the same: True", machines=X86),
    "raises_its_limits": harmless("nothing"),
    "becomes_root": harmless("nothing, root: False, capabilities: 0, 1 2"),
    "executes_what_it_wrote": harmless("executed in []"),
    "fresh_interpreter": harmless("[] 1 2 0"),
    "terminals": harmless("nothing"),
    # The next program.
    "leaves_modules": harmless("planted", leaves=True),
    "leaves_shared_objects": harmless("left", leaves=True),
    "leaves_patched_modules": harmless("poisoned", leaves=True),
    "leaves_processes": harmless("left", leaves=True),
    "leaves_folders_nobody_can_enter": harmless("left", leaves=True),
}
