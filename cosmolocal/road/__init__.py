"""The road to a target: from what a region consumes to what is bought in which year."""
