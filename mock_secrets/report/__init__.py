"""What happened, for people: as data, as text, and the hints that AWS's own sentences lack."""
