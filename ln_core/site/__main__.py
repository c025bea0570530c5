"""The command that writes the site."""

from ln_core.site.write import main

if __name__ == "__main__":
    main()
