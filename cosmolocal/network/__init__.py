"""The network of places: distances, ways to travel, carrying capacity."""
