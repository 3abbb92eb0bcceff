"""The face in Blender."""
def register(package): pass
def unregister(): pass
