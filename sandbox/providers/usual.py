"""Which provider a command means that names none. A name and not a field: a page of help shows it and loads none."""

USUAL = "wise"
