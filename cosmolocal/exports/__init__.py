"""What a plan looks like outside: tables, files, drawings."""
