"""Sound in, feature set out: decoding, features, events and their picture. Knows neither torch nor Blender."""
