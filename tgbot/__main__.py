"""`python -m tgbot` is `backcheck`."""

from tgbot.cli import main

if __name__ == "__main__":
    main(prog_name="backcheck")
