"""Who reviewed what: items, signatures, comments, and the book that reviewers read."""
