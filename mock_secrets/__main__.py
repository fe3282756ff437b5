"""``python -m mock_secrets``: the command line."""

import sys

from mock_secrets.command_line.main import main

if __name__ == "__main__":
    sys.exit(main())
