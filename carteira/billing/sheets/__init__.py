"""Payments and invoices from a sheet."""
