"""Tries to pass for the guest server by printing a reply of its protocol."""

import json
import os
import struct


def solve(instance, solution):
    header = json.dumps({"outcome": None, "message": "", "exit_code": 0, "sizes": [0, 0, 6]}).encode()
    message = struct.pack("!II", len(header), 6) + header + b"forged"
    frame = struct.pack(">BxxxI", 1, len(message)) + message
    for _ in range(20):
        os.write(1, message + frame)
        os.write(2, message + frame)
