"""``python -m sandbox.cli`` is ``sandbank``, as ``python -m sandbank`` is."""

from sandbox.cli import main

if __name__ == "__main__":
    main()
