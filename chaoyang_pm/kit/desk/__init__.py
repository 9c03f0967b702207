"""What needs somebody now, over all rooms: each room provides what it knows of."""
