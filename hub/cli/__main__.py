"""The command line as ``python -m hub.cli``."""

from hub.cli.app import main

if __name__ == "__main__":
    main()
