"""Tries to change its supervisor through /proc."""


def solve(instance, solution):
    written = []
    for part in (
        "mem",
        "oom_score_adj",
        "comm",
        "clear_refs",
        "timerslack_ns",
        "coredump_filter",
        "sched",
        "loginuid",
        "attr/current",
        "autogroup",
        "uid_map",
        "setgroups",
    ):
        try:
            with open(f"/proc/1/{part}", "r+b", buffering=0) as file:
                file.write(b"0")
            written.append(part)
        except OSError:
            pass
    with open(solution, "w") as file:
        file.write(f"wrote {written}")
