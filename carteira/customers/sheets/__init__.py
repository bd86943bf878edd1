"""Customers from a sheet, and finding the customers that lines of other sheets mean."""
