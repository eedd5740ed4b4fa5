"""The review book: everything the bot can say and every rule it acts by, for people who do not program."""
