"""What breaks things on purpose, to see that nothing is lost: python -m torture."""
