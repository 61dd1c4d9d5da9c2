"""The host: one service of a Python class, made again and run in an interpreter of its own.

xpmd starts `python -m xpmd.host` in the folder, environment and interpreter of the experiment that added the
service. The host imports nothing of the package but itself, and of experimaestro only what the class imports.
"""
