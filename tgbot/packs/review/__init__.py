"""The review book, what reviewers write in it, and what its chapters show."""
