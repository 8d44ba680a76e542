"""``python -m guest SETTINGS``: start the server with its settings in JSON."""

import json
import sys

from guest.zygote import serve

if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
