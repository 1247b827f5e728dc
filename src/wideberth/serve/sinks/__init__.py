"""Where what happens to alerts is told: each sink by itself, and none loses anything while it is down."""
