"""From arrays to a choice with a bound; the only home of OR-Tools."""
