"""The one exception that means "the user can fix this"."""


class InputError(Exception):
    """Wrong use or bad input: one line that names the file, the field and the fix.

    The command line prints the message on stderr and exits with status 2.
    """
