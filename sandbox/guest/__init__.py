"""What runs inside a sandbox: standard library only, and nothing of the harness.

A preloaded interpreter (``zygote``) forks a supervisor for each execution; the supervisor (``supervise``) forks
the program (``program``) before it reads the job, so that the program's memory holds nothing of any job.
"""
