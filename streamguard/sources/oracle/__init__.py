"""Oracle: unified audit and the traditional audit trail."""
