"""Files people bring or fetch: bytes below FILES_ROOT under random names, facts in a walled table. See
README.md.
"""
