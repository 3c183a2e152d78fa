"""What keeps the house: tables of docs, lists of parts."""
