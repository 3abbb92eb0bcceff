"""How the embedded model was made, and how to go on: procedural pictures, a small GAN, its export. Not shipped."""
