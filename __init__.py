"""GANReact: music moves a GAN's pictures, inside Blender. Without bpy there is nothing to register."""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import addon

    addon.register()


def unregister() -> None:
    """Called by Blender when it is disabled, and at its end."""
    from . import addon

    addon.unregister()
