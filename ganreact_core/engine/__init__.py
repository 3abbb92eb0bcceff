"""The engine: what owns torch and librosa. Its jobs are run by the worker process (`serve`) and by the command line."""
