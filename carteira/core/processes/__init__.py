"""What `carteira serve` is made of: one supervisor, the web, a worker, the database beside them. See
README.md.
"""
