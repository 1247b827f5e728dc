"""The agreement file: parties, places, rules, permissions; reading it, and which rule governs whom."""
