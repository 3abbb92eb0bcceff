"""GANReact's core: music in, GAN frames out. Knows nothing of Blender.

The numpy floor (errors, features, envelopes, look, routes, table, patches, bundle, messages) runs anywhere,
also inside Blender; `audio` needs librosa, scipy and PyAV; `synthesis` needs torch.
"""

__version__ = "0.1.0"
