"""Where it is made: the register of workshops."""
