"""What is measured, with the command that reproduces each figure; see README.md beside this file."""
