"""``python -m sandbox.cli`` is ``sandbank``."""

from sandbox.cli import main

if __name__ == "__main__":
    main()
