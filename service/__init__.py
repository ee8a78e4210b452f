"""The Contact Gateway: the single door through which a lender contacts people about overdue loans."""

__version__ = "0.1.0"
