"""Any CSV, XLSX or ODS file into rows, read by a child process with limits. Nothing may be imported here: the
child starts here too.
"""
