"""GANReact: music moves a GAN's pictures, inside Blender. Where bpy is missing, this package is empty."""

from importlib.util import find_spec

if find_spec("bpy"):
    from . import addon

    def register() -> None:
        """Called by Blender when the extension is enabled."""
        addon.register()

    def unregister() -> None:
        """Called by Blender when it is disabled, and at its end."""
        addon.unregister()
