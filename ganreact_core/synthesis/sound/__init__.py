"""Sound made by a network: its picture of a sound, the way back to samples, and pieces made of many clips."""
