"""The notices of the person who is signed in."""
