"""Compares xpmd with plain C and with supervisord."""
