"""`python -m ln_core.recorded NAME` makes a recording."""

from ln_core.recorded.record import main

if __name__ == "__main__":
    main()
