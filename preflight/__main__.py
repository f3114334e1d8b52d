"""`python -m preflight` is the command `preflight`."""

from preflight.cli import main

if __name__ == "__main__":
    main()
