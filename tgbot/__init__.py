"""Backcheck: answers questions about upper-back spasms and checks back on you."""

__version__ = "1.0.0"
