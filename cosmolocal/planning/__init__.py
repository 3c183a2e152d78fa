"""Orders become lots, lots have options, options become a plan."""
