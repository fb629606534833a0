"""Random histories: a small model of a room and the server must agree after every step."""
